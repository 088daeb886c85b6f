//! The promise of one SQL for two databases: PostgreSQL takes the schema and every statement of the store.
//!
//! A private server in a folder of its own, on a socket, for as long as the test runs. Where PostgreSQL is not installed, the
//! test says so and passes: `tests/run` installs it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

use super::Desk;
use crate::store::tickets::lists::every_statement;
use crate::users;

#[path = "../../../tests/sql_literals/mod.rs"]
mod sql_literals;

use sql_literals::{MADE_OF_PARTS, Statement, statements, unportable};

/// A statement of each file of the store, and all that its lists are made of.
fn all_statements() -> Vec<Statement> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![sources.join("store")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&sources).unwrap().to_str().unwrap();
                found.extend(statements(name, &std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(sources.join(MADE_OF_PARTS).is_file());
    found.extend(every_statement().into_iter().map(|sql| Statement { place: MADE_OF_PARTS.to_owned(), sql }));
    found
}

/// The schema as the migrations leave it.
fn schema(connection: &Connection) -> Vec<String> {
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// A private server; stopped when the test ends.
struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    /// The user that it runs as when we are root, which PostgreSQL refuses to be.
    user: Option<(u32, u32)>,
}

impl Cluster {
    /// `None` where PostgreSQL is not installed.
    fn start() -> Option<Self> {
        let programs = installed()?;
        let folder = tempfile::tempdir().unwrap();
        let user = users::is_root().then(|| {
            let user = ["postgres", "nobody"].into_iter().find_map(users::named).unwrap();
            (user.uid, user.gid)
        });
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).unwrap();
        }
        let cluster = Self { folder, programs, user };
        let data = cluster.folder.path().join("data");
        let made = cluster
            .command("initdb")
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let options = format!("-c listen_addresses= -c fsync=off -k {}", cluster.folder.path().display());
        let log = cluster.folder.path().join("log");
        let started = cluster.control(&["-w", "-l", log.to_str().unwrap(), "-o", &options, "start"]);
        assert!(started, "{}", std::fs::read_to_string(&log).unwrap_or_default());
        Some(cluster)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.folder.path());
        if let Some((uid, gid)) = self.user {
            command.gid(gid).uid(uid);
        }
        command
    }

    fn control(&self, arguments: &[&str]) -> bool {
        let data = self.folder.path().join("data");
        // What it starts must not hold our own output open.
        let mut command = self.command("pg_ctl");
        command.arg("-D").arg(data).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }

    /// Runs a script; what it says of faults.
    fn run(&self, script: &str) -> String {
        let mut psql = self
            .command("psql")
            .args(["-X", "-q", "-U", "postgres", "-d", "postgres", "-f", "-", "-h"])
            .arg(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = psql.stdin.take().unwrap();
        let script = script.to_owned();
        let writing = std::thread::spawn(move || stdin.write_all(script.as_bytes()));
        let said = psql.wait_with_output().unwrap();
        writing.join().unwrap().unwrap();
        String::from_utf8_lossy(&said.stderr).into_owned()
    }

    /// What PostgreSQL refuses of these, each with the reason.
    fn refused(&self, statements: &[Statement]) -> Vec<String> {
        let mut script = String::new();
        for (number, statement) in statements.iter().enumerate() {
            let sql = statement.sql.replace('?', "$");
            writeln!(script, "\\warn @@{number}\nPREPARE s{number} AS {sql};").unwrap();
        }
        let said = self.run(&script);
        let answers: Vec<&str> = said.split("@@").skip(1).collect();
        assert_eq!(answers.len(), statements.len(), "{said}");
        let faults = statements.iter().zip(answers).filter(|(_, answer)| answer.contains("ERROR"));
        faults.map(|(statement, answer)| format!("{}: {}\n{answer}", statement.place, statement.sql)).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.control(&["-m", "immediate", "-w", "stop"]);
    }
}

/// Where PostgreSQL's programs are: Debian keeps each version in a folder of its own.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = debian.chain(std::env::split_paths(&path));
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|program| folder.join(program).exists());
    folders.into_iter().find(has_all)
}

/// A definition in PostgreSQL's words: four substitutions, and nothing else.
fn translated(definition: &str) -> String {
    let end = definition.trim_end().trim_end_matches(", WITHOUT ROWID").trim_end_matches(" STRICT");
    end.replace("INTEGER PRIMARY KEY", "bigint PRIMARY KEY").replace("INTEGER", "bigint").replace("BLOB", "bytea")
}

#[test]
fn postgresql_takes_the_schema_and_every_statement() {
    let Some(cluster) = Cluster::start() else {
        eprintln!(
            "SKIPPED: PostgreSQL is not installed, so no statement was tried on it; hint: apt-get install postgresql"
        );
        return;
    };
    let desk = Desk::new();
    let definitions: Vec<String> = schema(&desk.sql()).iter().map(|sql| format!("{};\n", translated(sql))).collect();
    let said = cluster.run(&definitions.concat());
    assert!(!said.contains("ERROR"), "{said}");
    let statements = all_statements();
    assert!(statements.len() > 300, "only {} statements were found", statements.len());
    let refused = cluster.refused(&statements);
    assert!(refused.is_empty(), "{} of {} statements:\n{}", refused.len(), statements.len(), refused.join("\n"));
    // That it would be seen.
    let broken =
        ["SELECT max(number, 1) FROM ticket", "SELECT nothing FROM ticket WHERE number = ?1", "DELETE FROM tag"];
    let broken = broken.map(|sql| Statement { place: "here".to_owned(), sql: sql.to_owned() });
    assert_eq!(cluster.refused(&broken).len(), 2);
}

#[test]
fn lists_are_made_of_what_both_databases_take() {
    for sql in every_statement() {
        assert_eq!(unportable(&sql), Vec::<String>::new(), "{sql}");
    }
}

/// PostgreSQL numbers no rows by itself here, and SQLite would do so silently.
#[test]
fn every_new_row_gets_its_key_and_all_that_it_needs() {
    let desk = Desk::new();
    let connection = desk.sql();
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 OR (\"notnull\" = 1 AND dflt_value IS NULL)";
    let mut needed = connection.prepare(sql).unwrap();
    let mut inserts = 0;
    for Statement { place, sql } in all_statements() {
        let Some((_, rest)) = sql.split_once("INSERT INTO ") else { continue };
        let (table, rest) = rest.split_once(" (").unwrap();
        let (columns, _) = rest.split_once(')').unwrap();
        let given: Vec<&str> = columns.split(',').map(str::trim).collect();
        for column in needed.query_map([table.trim()], |row| row.get::<_, String>(0)).unwrap() {
            let column = column.unwrap();
            assert!(given.contains(&column.as_str()), "{place}: a row of `{table}` without `{column}`: {sql}");
        }
        inserts += 1;
    }
    assert!(inserts > 30, "only {inserts} were found");
}
