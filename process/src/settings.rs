//! Settings: each is a flag, an environment variable and a key of `tiffin.toml`, in that order of precedence.
//!
//! The file's values become the defaults of the command line, so that `--help` shows the effective values. A key is the flag's name
//! without leading dashes (`lease-ms = 3000`), in a table named after the process (`[backend]`, `[server]`), or in `[all]` for
//! settings that both have. Knows nothing of what a setting means.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Parser};

/// Settings that every process has; each process flattens them into its own settings.
#[derive(Args, Clone, Debug)]
pub struct CommonSettings {
    /// Folder for databases, the signing key and the operator's password
    #[arg(long, env = "TIFFIN_DATA", default_value = "data", value_name = "DIR")]
    pub data: PathBuf,

    /// What to log: error, warn, info, debug, or a filter such as `backend=debug,info`
    #[arg(
        long,
        env = "TIFFIN_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    pub log: String,

    /// Signing key as 64 hexadecimal digits, for installations on several machines; otherwise generated in the data folder
    #[arg(
        long,
        env = "TIFFIN_SIGNING_KEY",
        hide_env_values = true,
        value_name = "HEX"
    )]
    pub signing_key: Option<String>,

    /// Moves this process's clock, in milliseconds; for rehearsals and tests
    #[arg(
        long,
        env = "TIFFIN_CLOCK_OFFSET_MS",
        default_value = "0",
        value_name = "MS",
        allow_negative_numbers = true
    )]
    pub clock_offset_ms: i64,
}

/// Loads the settings of the process called `process` from the command line, the environment and the settings file. The file is
/// the one that `TIFFIN_CONFIG` names, or `tiffin.toml` in the working directory if it exists. Prints help or a usage error and ends
/// the process if the command line asks for it or is wrong.
///
/// # Errors
/// If the file cannot be read, does not parse, or has an unknown key; names the file and the key.
pub fn load<S: Parser>(process: &str) -> anyhow::Result<S> {
    let file = match std::env::var_os("TIFFIN_CONFIG") {
        Some(path) => Some(PathBuf::from(path)),
        None => Some(PathBuf::from("tiffin.toml")).filter(|path| path.exists()),
    };
    let command = with_file(S::command(), process, file.as_deref())?;
    let matches = command.get_matches();
    Ok(S::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()))
}

fn with_file(
    mut command: clap::Command,
    process: &str,
    file: Option<&Path>,
) -> anyhow::Result<clap::Command> {
    let Some(file) = file else { return Ok(command) };
    let text = fs::read_to_string(file)
        .with_context(|| format!("cannot read the settings file {}", file.display()))?;
    let tables: toml::Table = text
        .parse()
        .with_context(|| format!("the settings file {} does not parse", file.display()))?;
    for (table, strict) in [("all", false), (process, true)] {
        let Some(values) = tables.get(table) else {
            continue;
        };
        let Some(values) = values.as_table() else {
            bail!("{}: `{table}` must be a table: [{table}]", file.display());
        };
        for (key, value) in values {
            let known = command
                .get_arguments()
                .any(|argument| argument.get_long() == Some(key));
            if !known && strict {
                bail!(
                    "{}: [{table}] has no setting `{key}`; see `{process} --help`",
                    file.display()
                );
            }
            if known {
                let id = command
                    .get_arguments()
                    .find(|argument| argument.get_long() == Some(key))
                    .map(|argument| argument.get_id().clone())
                    .context("the argument found above")?;
                let value = OsString::from(scalar_text(value).with_context(|| {
                    format!(
                        "{}: [{table}] {key} must be a string, a number or true/false",
                        file.display()
                    )
                })?);
                command = command.mut_arg(id, |argument| {
                    argument.default_value(value.into_string().unwrap_or_default())
                });
            }
        }
    }
    Ok(command)
}

/// The text of a scalar, as a flag would have it.
fn scalar_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(boolean) => Some(boolean.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, FromArgMatches};

    use super::*;

    #[derive(Parser, Debug)]
    struct Sample {
        #[command(flatten)]
        common: CommonSettings,
        #[arg(long, default_value = "3000")]
        lease_ms: u64,
    }

    fn parse(toml: &str, arguments: &[&str]) -> anyhow::Result<Sample> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("tiffin.toml");
        fs::write(&file, toml)?;
        let command = with_file(Sample::command(), "backend", Some(&file))?;
        let matches = command
            .try_get_matches_from(std::iter::once("backend").chain(arguments.iter().copied()))?;
        Ok(Sample::from_arg_matches(&matches)?)
    }

    #[test]
    fn a_flag_overrides_the_file_and_the_file_overrides_the_default() {
        let file = "[all]\ndata = '/elsewhere'\n[backend]\nlease-ms = 5000";
        let sample = parse(file, &[]).unwrap();
        assert_eq!(
            (sample.lease_ms, sample.common.data),
            (5000, PathBuf::from("/elsewhere"))
        );
        assert_eq!(parse(file, &["--lease-ms", "7"]).unwrap().lease_ms, 7);
        assert_eq!(parse("", &[]).unwrap().lease_ms, 3000);
    }

    #[test]
    fn the_error_names_an_unknown_key() {
        let error = parse("[backend]\nleese-ms = 1", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("leese-ms"), "{error}");
    }
}
