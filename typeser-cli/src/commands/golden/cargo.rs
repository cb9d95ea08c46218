//! Runs the program's own tests with a variable that its golden tests know.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::process::Command;

use crate::failure::Failure;

/// Whether this is a CI: there nothing is ever recorded.
pub(super) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0")
}

/// Runs `cargo test` with this variable. Its output goes where the command's own goes, but all of it to standard error.
pub(super) fn test(variable: &str, value: &OsStr, arguments: &[OsString]) -> Result<(), Failure> {
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let shown = ["cargo test".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
    let mut said = anstream::stderr();
    writeln!(said, "running `{shown}` with {variable}={}", value.to_string_lossy())?;
    writeln!(said, "this compiles and runs your own tests; only `golden record` and `golden current` do")?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.arg("test").args(arguments).env(variable, value);
    // Data is on standard output, and what tests print is none.
    if let Ok(stderr) = stderr() {
        command.stdout(stderr);
    }
    let status = command.status().map_err(|reason| {
        format!(
            "`{}` could not be run: {reason}\nhelp: install cargo, or run `cargo test` yourself with {variable}={}",
            cargo.to_string_lossy(),
            value.to_string_lossy()
        )
    })?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "`{shown}` failed, as it says above\nhelp: mend what failed, or name the golden test alone: `-- --test NAME`"
    )
    .into())
}

/// Another handle of standard error.
#[cfg(unix)]
fn stderr() -> std::io::Result<std::process::Stdio> {
    use std::os::fd::AsFd as _;
    Ok(std::io::stderr().as_fd().try_clone_to_owned()?.into())
}

/// Another handle of standard error.
#[cfg(windows)]
fn stderr() -> std::io::Result<std::process::Stdio> {
    use std::os::windows::io::AsHandle as _;
    Ok(std::io::stderr().as_handle().try_clone_to_owned()?.into())
}

/// Another handle of standard error.
#[cfg(not(any(unix, windows)))]
fn stderr() -> std::io::Result<std::process::Stdio> {
    Ok(std::process::Stdio::inherit())
}
