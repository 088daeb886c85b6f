//! Why there is no database at a path, or why it cannot be opened, in words and with what to do: said by the file system.
//!
//! Never opens the database file: closing it would drop the locks that SQLite holds in this process.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rustix::fs::{Access, access};
use rustix::io::Errno;

use crate::model::suggest::nearest;
use crate::model::text::folder_of;
use crate::store::engine::disk::{READ_ONLY, beside};
use crate::store::engine::error::StoreError;
use crate::users;

/// Entries of a folder that are looked at.
const MAX_ENTRIES: usize = 1_000;
/// How databases are called.
const ENDINGS: [&str; 4] = ["db", "sqlite", "sqlite3", "db3"];

/// Fails unless something is there that may be a database.
pub(in crate::store) fn require(path: &Path) -> Result<(), StoreError> {
    match fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(path)),
        Err(source) => Err(obstacle(path).unwrap_or(StoreError::File { path: path.to_owned(), source })),
    }
}

/// The fault with its reason, when the file system tells why SQLite could not open or write the file.
pub(in crate::store) fn told(error: StoreError, path: &Path) -> StoreError {
    let code = if let StoreError::Sqlite(error) = &error { error.sqlite_error_code() } else { None };
    let kind = if let StoreError::File { source, .. } = &error { Some(source.kind()) } else { None };
    let by_the_file_system =
        matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
            || matches!(kind, Some(ErrorKind::PermissionDenied | ErrorKind::IsADirectory | ErrorKind::NotADirectory));
    // What reads a folder fails in the middle.
    let by_the_file_system = by_the_file_system || (code.is_some() && path.is_dir());
    if by_the_file_system { obstacle(path).unwrap_or(error) } else { error }
}

/// What stands in the way of reading and writing the database and the files beside it.
fn obstacle(path: &Path) -> Option<StoreError> {
    let folder = folder_of(path);
    for above in folder.ancestors().filter(|above| !above.as_os_str().is_empty()).collect::<Vec<_>>().into_iter().rev()
    {
        match fs::metadata(above) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Some(missing(path)),
            Ok(found) if !found.is_dir() => {
                let words = format!("the database `{}` cannot be there: `{}` is no folder", shown(path), shown(above));
                return Some(StoreError::Unopenable(format!("{words}; hint: correct `desk.database`")));
            }
            Ok(found) if access(above, Access::EXEC_OK).is_err() => {
                return Some(forbidden("enter", above, &found, path));
            }
            Ok(_) | Err(_) => {}
        }
    }
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        found => Some(found.ok()?),
    };
    if found.as_ref().is_some_and(Metadata::is_dir) {
        let meant = inside(path).unwrap_or_else(|| path.join("postroom.db"));
        let hint = format!("hint: name the file: `database = \"{}\"`", shown(&meant));
        return Some(StoreError::Unopenable(format!("`{}` is a folder, not a database; {hint}", shown(path))));
    }
    for (file, metadata) in
        found.iter().map(|found| (path, found)).chain(fs::metadata(folder).ok().iter().map(|found| (folder, found)))
    {
        if access(file, Access::READ_OK).is_err() {
            return Some(forbidden("read", file, metadata, path));
        }
        match access(file, Access::WRITE_OK) {
            Err(Errno::ROFS) => {
                let words = format!("the file system of the database `{}` is read-only; {READ_ONLY}", shown(path));
                return Some(StoreError::Unwritable(words));
            }
            Err(_) => return Some(forbidden("write to", file, metadata, path)),
            Ok(()) => {}
        }
    }
    // What an earlier run of another user left beside it.
    let others = ["-wal", "-shm", ".lock"].map(|ending| beside(path, ending));
    others.iter().find_map(|file| {
        let metadata = fs::metadata(file).ok()?;
        access(file, Access::READ_OK | Access::WRITE_OK).is_err().then(|| forbidden("write to", file, &metadata, path))
    })
}

/// That the user whom this process acts as may not do that to `file`.
fn forbidden(verb: &str, file: &Path, metadata: &Metadata, database: &Path) -> StoreError {
    let (me, owner) = (users::acting(), users::numbered(metadata.uid(), metadata.gid()));
    let owner = owner.name.unwrap_or_else(|| owner.uid.to_string());
    let mode = metadata.mode() & 0o777;
    let hint = if owner == me {
        let needed = if metadata.is_dir() { "700" } else { "600" };
        format!("`chmod {needed} {}`", shown(file))
    } else if metadata.uid() == 0 {
        format!("as root: `chown -R {me}: {}`", shown(folder_of(database)))
    } else {
        format!("run the command as that user (`sudo -u {owner} postroom …`) or as root")
    };
    let words = format!(
        "the database `{}` cannot be opened: the user `{me}` may not {verb} `{}`, which belongs to `{owner}` (mode {mode:o})",
        shown(database),
        shown(file)
    );
    StoreError::Unopenable(format!("{words}; hint: {hint}"))
}

/// That there is no database, with the one that is probably meant.
pub(in crate::store) fn missing(path: &Path) -> StoreError {
    let words = format!("no database at `{}`", shown(path));
    let words = if let Some(meant) = meant(path) {
        format!("{words}; hint: there is `{}`: correct `desk.database`", shown(&meant))
    } else if folder_of(path).is_dir() {
        format!("{words}, start the daemon once with `postroom run`")
    } else {
        let folder = shown(folder_of(path));
        format!(
            "{words}: the folder `{folder}` is not there; hint: correct `desk.database` or mount its disk; for a new desk \
             the first `postroom run` makes it"
        )
    };
    StoreError::Missing { path: path.to_owned(), words }
}

/// The database that is probably meant by a path where there is none: beside it, or of the same name in a folder of nearly
/// the same name.
fn meant(path: &Path) -> Option<PathBuf> {
    let folder = folder_of(path);
    let name = path.file_name()?.to_str()?;
    if folder.is_dir() {
        return among(folder, name);
    }
    let (above, wanted) = (folder.parent()?, folder.file_name()?.to_str()?);
    let names = names_in(above, |entry| entry.is_dir());
    let near = above.join(nearest(wanted, &names)?);
    Some(near.join(name)).filter(|file| file.is_file()).or_else(|| among(&near, name))
}

/// The database in `folder` that `name` means: the one of nearly that name, or the only one.
fn among(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = databases_in(folder);
    match (nearest(name, &names), names.as_slice()) {
        (Some(near), _) => Some(folder.join(near)),
        (None, [only]) => Some(folder.join(only)),
        (None, _) => None,
    }
}

/// The only database in a folder that was named itself.
fn inside(folder: &Path) -> Option<PathBuf> {
    let names = databases_in(folder);
    if let [only] = names.as_slice() { Some(folder.join(only)) } else { None }
}

fn databases_in(folder: &Path) -> Vec<String> {
    let is_database = |file: &Path| {
        let named = file.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ENDINGS.contains(&ending));
        file.is_file() && (named || beside(file, ".lock").is_file())
    };
    names_in(folder, is_database)
}

fn names_in(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(MAX_ENTRIES).filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter(|entry| wanted(&entry.path()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}
