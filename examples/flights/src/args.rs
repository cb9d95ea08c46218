//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

pub const USAGE: &str = "\
Four releases of one small program, and the state that survives them.

flights                   runs the whole story: every release is a separate process
flights release NUMBER    is one of them: 1, 2, 3 or 4
flights repair            finds values that cannot be in a savepoint, corrects them, and goes on

  --data FILE             departures of 2013; by default those that come with the example
  --state DIR             where savepoints go, and stay; by default a temporary directory
  --from-scratch MONTH    release 3 only: restore nothing, read all from this month on (2013-01)
";

/// The command.
pub enum Command {
    Help,
    Story(Options),
    Release(u8, Options),
    Repair(Options),
}

/// The options.
pub struct Options {
    pub data: PathBuf,
    pub state: Option<PathBuf>,
    pub from_scratch: Option<String>,
}

/// A mistake in the command line.
#[derive(Debug, thiserror::Error)]
pub enum Mistake {
    #[error("there is no `{0}`; see `flights --help`")]
    Unknown(String),
    #[error("`{0}` needs a value; see `flights --help`")]
    NoValue(String),
    #[error("`flights release` needs a number from 1 to 4, not `{0}`")]
    Release(String),
    #[error("`flights release` needs `--state DIR`: that is all that one release hands to the next")]
    NoState,
    #[error("`--from-scratch` belongs to `flights release 3`, with the month to begin with, such as 2013-01")]
    FromScratch,
}

pub fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Command, Mistake> {
    let mut options = Options { data: default_data(), state: None, from_scratch: None };
    let mut release = None;
    let mut repair = false;
    while let Some(arg) = args.next() {
        let name = arg.to_string_lossy().into_owned();
        let mut value = || args.next().ok_or_else(|| Mistake::NoValue(name.clone()));
        match name.as_str() {
            "-h" | "--help" => return Ok(Command::Help),
            "--data" => options.data = value()?.into(),
            "--state" => options.state = Some(value()?.into()),
            "--from-scratch" => options.from_scratch = Some(value()?.to_string_lossy().into_owned()),
            "repair" if release.is_none() => repair = true,
            "release" if release.is_none() && !repair => {
                let number = value()?.to_string_lossy().into_owned();
                let known = number.parse().ok().filter(|number| (1..=4).contains(number));
                release = Some(known.ok_or(Mistake::Release(number))?);
            }
            _ => return Err(Mistake::Unknown(name)),
        }
    }
    if options.from_scratch.is_some() && release != Some(3) {
        return Err(Mistake::FromScratch);
    }
    match release {
        Some(_) if options.state.is_none() => Err(Mistake::NoState),
        Some(number) => Ok(Command::Release(number, options)),
        None if repair => Ok(Command::Repair(options)),
        None => Ok(Command::Story(options)),
    }
}

/// Relative to the root of the repository if possible, so that messages stay short.
fn default_data() -> PathBuf {
    let near = Path::new("examples/flights/data/flights-2013.csv.gz");
    if near.exists() { near.to_owned() } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("data/flights-2013.csv.gz") }
}
