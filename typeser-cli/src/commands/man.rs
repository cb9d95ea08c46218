//! `typeser man`: the manual pages.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::stdout::print;

/// Print the manual page, or write one for each command
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  typeser man | man -l -
  typeser man --out ~/.local/share/man/man1")]
pub(crate) struct Arguments {
    /// The folder to write all pages to: typeser.1, typeser-diff.1, ...
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Writes the pages of `command`, the whole command line.
pub(crate) fn run(arguments: &Arguments, command: clap::Command) -> Result<Exit, Failure> {
    let Some(folder) = &arguments.out else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        print(String::from_utf8(page)?)?;
        return Ok(Exit::Fine);
    };
    let failed = |reason: io::Error| {
        format!(
            "{}: the pages cannot be written: {reason}\nhelp: name a folder that you may write to",
            folder.display()
        )
    };
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    let pages = pages(folder).map_err(failed)?;
    print(format_args!("wrote {pages} pages to {}\n", folder.display()))?;
    Ok(Exit::Fine)
}

fn pages(folder: &Path) -> io::Result<usize> {
    let names = fs::read_dir(folder)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    Ok(names.filter(|name| name.starts_with("typeser") && name.ends_with(".1")).count())
}
