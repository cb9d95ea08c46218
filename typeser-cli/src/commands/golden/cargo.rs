//! Runs the tests of the program with a variable that its golden tests read.

use std::env;
use std::ffi::{OsStr, OsString};
use std::process::Command;

use crate::failure::Failure;
use crate::stderr::say;

/// Whether this runs in CI, where nothing is recorded.
pub(super) fn is_ci() -> bool {
    env::var_os("CI").is_some_and(|ci| !ci.is_empty() && ci != "false" && ci != "0")
}

/// Runs `cargo test` with these variables. All of its output goes to standard error.
pub(super) fn test(variables: &[(&str, &OsStr)], arguments: &[OsString]) -> Result<(), Failure> {
    let set: Vec<String> =
        variables.iter().map(|(variable, value)| format!("{variable}={}", value.to_string_lossy())).collect();
    let set = set.join(" ");
    let words: Vec<String> = arguments.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let line = ["cargo test".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ");
    say(format_args!("running `{line}` with {set}"));
    say("this compiles and runs your tests; only `golden record` and `golden current` do that");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(&cargo);
    command.arg("test").args(arguments).envs(variables.iter().copied());
    // Standard output is for data, and output of tests is not data.
    if let Ok(handle) = stderr_handle() {
        command.stdout(handle);
    }
    let status = command.status().map_err(|reason| {
        format!(
            "`{}` could not be run: {reason}\nhelp: install cargo, or run `cargo test` yourself with {set}",
            cargo.to_string_lossy()
        )
    })?;
    if status.success() {
        return Ok(());
    }
    Err(format!(
        "`{line}` failed; its output is above\nhelp: fix the failing tests, or run only the golden test: `-- --test NAME`"
    )
    .into())
}

/// Another handle of standard error.
#[cfg(unix)]
fn stderr_handle() -> std::io::Result<std::process::Stdio> {
    use std::os::fd::AsFd as _;
    Ok(std::io::stderr().as_fd().try_clone_to_owned()?.into())
}

/// Another handle of standard error.
#[cfg(windows)]
fn stderr_handle() -> std::io::Result<std::process::Stdio> {
    use std::os::windows::io::AsHandle as _;
    Ok(std::io::stderr().as_handle().try_clone_to_owned()?.into())
}

/// Another handle of standard error.
#[cfg(not(any(unix, windows)))]
fn stderr_handle() -> std::io::Result<std::process::Stdio> {
    Ok(std::process::Stdio::inherit())
}
