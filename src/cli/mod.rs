//! The commands. Print what people and scripts read; decide nothing.
//!
//! Exit codes: 0 done, 1 failed, 2 wrong usage, 78 config fault (`EX_CONFIG` of sysexits.h).

mod agent;
mod arguments;
mod backup;
mod check;
mod demo;
mod desk;
mod doctor;
mod identity;
mod outbox;
mod output;
mod parse;
mod quarantine;
mod texts;
mod tickets;

use std::path::PathBuf;
use std::process::ExitCode;

use self::arguments::{Arguments, Command};
use self::output::Output;
use crate::config::{self, Finding};
use crate::daemon::{self, DaemonError};

/// `EX_CONFIG` of sysexits.h.
const CONFIG_FAULT: u8 = 78;

/// Why a command failed.
#[derive(Debug)]
enum Failure {
    /// The config has faults.
    Config(Vec<Finding>),
    /// Anything else.
    Other(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

/// Parses the arguments, runs the command, prints what went wrong.
pub fn main() -> ExitCode {
    // The TLS library asks once a process which implementation to use; a second answer changes nothing.
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Printing usage to a closed pipe fails, which helps nobody to know.
            drop(error.print());
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let path = config::config_path(arguments.config.as_deref());
    // What root wants to have explained may be for root's eyes alone.
    let mail = if let Command::Explain { mail, .. } = &arguments.command { Some(desk::read_mail(mail)) } else { None };
    if let Err(error) = identity::take(&path, &arguments.command) {
        return failed(&Output::stdout(false), Failure::Other(error));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Output::stdout(false), Failure::Other(error.into())),
    };
    let output = Output::stdout(arguments.command.json());
    match runtime.block_on(run(arguments.command, path, mail, &output)) {
        Ok(code) => code,
        Err(failure) => failed(&output, failure),
    }
}

fn failed(output: &Output, failure: Failure) -> ExitCode {
    match failure {
        Failure::Config(findings) => {
            output.findings(&findings);
            ExitCode::from(CONFIG_FAULT)
        }
        Failure::Other(error) if output::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Failure::Other(error) => {
            output.failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(
    command: Command,
    path: PathBuf,
    mail: Option<anyhow::Result<Vec<u8>>>,
    output: &Output,
) -> Result<ExitCode, Failure> {
    match command {
        Command::Run { log_format } => return run_daemon(path, log_format.into()).await,
        Command::Demo { dir } => demo::run(dir, output).await?,
        Command::Check { online, secrets } => {
            let depth = check::Depth::of(online, secrets);
            return check::check(&path, depth, output).await;
        }
        Command::Parse { mails } => return parse::parse(&mails, &path, output),
        Command::Explain { mailbox, .. } => {
            let mail = mail.unwrap_or_else(|| Ok(Vec::new()))?;
            desk::explain(&path, mail, mailbox.as_deref(), output).await?;
        }
        Command::Texts { keys, language, .. } => texts::run(&keys, language, output)?,
        Command::Status { .. } => return desk::status(&path, output).await,
        Command::Doctor { quick, repair, .. } => {
            return doctor::run(&path, doctor::look(quick), doctor::repair(repair), output).await;
        }
        Command::Backup { file, .. } => backup::run(&path, &file, output).await?,
        Command::Ticket(command) => tickets::run(&path, command, output).await?,
        Command::Agent(command) => agent::run(&path, command, output).await?,
        Command::Outbox(command) => outbox::run(&path, command, output).await?,
        Command::Quarantine(command) => quarantine::run(&path, command, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn run_daemon(path: PathBuf, format: daemon::log::LogFormat) -> Result<ExitCode, Failure> {
    daemon::log::start(format);
    match daemon::run(&path).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(DaemonError::Config(findings)) => Err(Failure::Config(findings)),
        Err(error) => Err(error.into()),
    }
}
