//! Who does a command that root asked for: the owner of the database, so that root leaves no file there that the daemon
//! could not open.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::path::Path;

use anyhow::{Context as _, bail};

use super::arguments::Command;
use crate::model::text::folder_of;
use crate::users::{self, User};
use crate::{config, net};

/// Makes root the owner of the database, where the command is for the owner. To be called before there are threads.
pub(super) fn take(config: &Path, command: &Command) -> anyhow::Result<()> {
    if !users::is_root() || !command.is_for_the_owner() {
        return Ok(());
    }
    // A config that cannot be read is told at the next reading.
    let Some(database) = config::database(config) else { return Ok(()) };
    let is_daemon = matches!(command, Command::Run { .. });
    let Some(owner) = owner(&database, is_daemon)? else { return Ok(()) };
    let folder = folder_of(&database);
    let can_work = || fs::File::open(config).is_ok() && (fs::read_dir(folder).is_ok() || !folder.exists());
    let name = owner.name.clone().unwrap_or_else(|| owner.uid.to_string());
    if owner.replaces_root(can_work).with_context(|| format!("cannot become the user `{name}`"))? {
        net::live_in(owner.home.unwrap_or_else(|| folder.to_owned()));
    } else if is_daemon {
        bail!(
            "the user `{name}`, whose database it is, cannot read `{}` or the folder of the database\n\
             hint: `chmod 644` the config, or start the daemon by `systemctl start postroom`",
            config.display()
        );
    }
    Ok(())
}

/// Whose the database is, or will be; `None` when it is root's.
fn owner(database: &Path, is_daemon: bool) -> anyhow::Result<Option<User>> {
    let folder = folder_of(database);
    if let Ok(found) = database.metadata().or_else(|_| folder.metadata()) {
        return Ok(Some(users::numbered(found.uid(), found.gid())).filter(|user| user.uid != 0));
    }
    // The unit's state directory is this user's home; a database that will be elsewhere belongs to the user who starts it.
    let account = users::named(users::SERVICE).filter(|account| account.home.as_deref() == Some(folder));
    if let Some(account) = account.as_ref().filter(|_| is_daemon) {
        // As the unit's StateDirectory= would be.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.and_then(|()| chown(folder, Some(account.uid), Some(account.gid)))
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    Ok(account)
}
