//! `parse MAIL…`: how mails are understood, as JSON. Needs no config; with one it recognises the desk's own mails.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::Failure;
use super::desk::read_mail;
use super::output::Output;
use crate::config::{self, Secrets};
use crate::daemon::secret;
use crate::model::token::Signer;
use crate::parse::{parse as parse_mail, to_json};

pub(super) fn parse(mails: &[PathBuf], config: &Path, output: &Output) -> Result<ExitCode, Failure> {
    let signer = signer(config);
    if let [mail] = mails {
        output.value(&to_json(&parse_mail(&read_mail(mail)?, signer.as_ref())))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut code = ExitCode::SUCCESS;
    for mail in mails {
        match read_mail(mail) {
            Ok(bytes) => output.line(&with_file(mail, to_json(&parse_mail(&bytes, signer.as_ref()))))?,
            Err(error) => {
                output.failure(&error);
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn with_file(mail: &Path, parsed: Value) -> Value {
    let mut line = json!({"file": mail.display().to_string()});
    if let (Some(line), Value::Object(parsed)) = (line.as_object_mut(), parsed) {
        line.extend(parsed);
    }
    line
}

/// The desk's signer when there is a config that can be read; a mail can be looked at without one.
fn signer(config: &Path) -> Option<Signer> {
    let loaded = if config.exists() { config::load(config, Secrets::LeaveAlone).ok()? } else { return None };
    secret::load(&loaded.policy.desk).ok().flatten()
}
