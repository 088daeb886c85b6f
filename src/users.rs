//! Users of this system, as `/etc/passwd` and `/etc/group` name them, and how root becomes one of them.
//!
//! Never asks a directory service: the daemon's user is a system user, and a number is enough where there is no name.

use std::io;
use std::path::PathBuf;

use rustix::process::{Gid, Uid, getgroups};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// The system user of the service, which the package and README make.
pub const SERVICE: &str = "postroom";
const PASSWD: &str = "/etc/passwd";
const GROUP: &str = "/etc/group";

/// A user with all groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub uid: u32,
    /// Number of the first group.
    pub gid: u32,
    /// Numbers of all groups.
    pub groups: Vec<u32>,
    /// Name, where there is one.
    pub name: Option<String>,
    /// Home directory, where there is one.
    pub home: Option<PathBuf>,
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The user that this process acts as, by name or else by number.
pub fn acting() -> String {
    let uid = rustix::process::geteuid().as_raw();
    name_in(&read(PASSWD), uid).unwrap_or_else(|| uid.to_string())
}

/// The user with this number; `gid` is the first group of one who has no name.
pub fn numbered(uid: u32, gid: u32) -> User {
    let passwd = read(PASSWD);
    let named = name_in(&passwd, uid).and_then(|name| named_in(&passwd, &read(GROUP), &name));
    named.unwrap_or_else(|| User { uid, gid, groups: vec![gid], name: None, home: None })
}

/// The user of this name.
pub fn named(name: &str) -> Option<User> {
    named_in(&read(PASSWD), &read(GROUP), name)
}

impl User {
    /// Makes root this user, for good, if `may_work` says so of what this user can reach; else root stays root and the
    /// answer is `false`. Threads that are there already stay who they are: call it before the first one.
    pub fn replaces_root(&self, may_work: impl FnOnce() -> bool) -> io::Result<bool> {
        let before = getgroups()?;
        let groups: Vec<Gid> = self.groups.iter().map(|gid| Gid::from_raw(*gid)).collect();
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        let (same_user, same_group): (Option<Uid>, Option<Gid>) = (None, None);
        set_thread_groups(&groups)?;
        set_thread_res_gid(same_group, gid, same_group)?;
        set_thread_res_uid(same_user, uid, same_user)?;
        let stays = may_work();
        set_thread_res_uid(same_user, Uid::ROOT, same_user)?;
        if stays {
            set_thread_res_gid(gid, gid, gid)?;
            set_thread_res_uid(uid, uid, uid)?;
        } else {
            set_thread_res_gid(same_group, Gid::ROOT, same_group)?;
            set_thread_groups(&before)?;
        }
        Ok(stays)
    }
}

fn read(file: &str) -> String {
    std::fs::read(file).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    let of = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    };
    passwd.lines().find_map(of)
}

fn named_in(passwd: &str, group: &str, name: &str) -> Option<User> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let fields: Vec<&str> = line.split(':').collect();
    let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
    let mut groups = vec![gid];
    for line in group.lines() {
        let mut fields = line.split(':').skip(2);
        let (number, members) =
            (fields.next().and_then(|gid| gid.parse::<u32>().ok()), fields.next().unwrap_or_default());
        groups.extend(number.filter(|_| members.split(',').any(|member| member == name)));
    }
    groups.dedup();
    let home = fields.get(5).filter(|home| !home.is_empty()).map(PathBuf::from);
    Some(User { uid, gid, groups, name: Some(name.to_owned()), home })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str =
        "root:x:0:0:root:/root:/bin/sh\npostroom:x:995:990:helpdesk:/var/lib/postroom:/usr/sbin/nologin\n";
    const GROUPS: &str = "root:x:0:\nmail:x:8:dovecot,postroom\npostroom:x:990:\nodd\n";

    #[test]
    fn a_user_has_the_groups_that_name_it() {
        let user = named_in(USERS, GROUPS, "postroom").unwrap();
        assert_eq!((user.uid, user.gid, user.groups), (995, 990, vec![990, 8]));
        assert_eq!(user.home.unwrap(), PathBuf::from("/var/lib/postroom"));
        assert_eq!(named_in(USERS, GROUPS, "post"), None);
        assert_eq!(name_in(USERS, 995).as_deref(), Some("postroom"));
        assert_eq!(name_in(USERS, 99), None);
    }
}
