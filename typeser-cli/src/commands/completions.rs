//! `typeser completions`: what a shell needs to complete what is typed.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::stdout::print;

/// Print a script that lets a shell complete this command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser completions bash > ~/.local/share/bash-completion/completions/typeser
  typeser completions zsh > ~/.zfunc/_typeser
  typeser completions fish > ~/.config/fish/completions/typeser.fish")]
pub(crate) struct Arguments {
    /// For which shell
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
