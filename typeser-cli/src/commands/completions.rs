//! `typeser completions`: scripts for shells.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::stdout::print;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser completions bash > ~/.local/share/bash-completion/completions/typeser
  typeser completions zsh > ~/.zfunc/_typeser
  typeser completions fish > ~/.config/fish/completions/typeser.fish

`typeser man` prints the manual page.")]
pub(crate) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

/// Prints the script that completes `command`, the whole command line.
pub(crate) fn run(arguments: &Arguments, mut command: clap::Command) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "typeser", &mut script);
    print(String::from_utf8(script)?)?;
    Ok(Exit::Fine)
}
