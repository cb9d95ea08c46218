//! A program that keeps orders in a folder, for tests of rolling deployments. Each binary `rolling-N` is one release.

use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use typeser::resolve::{Losses, Policy};
use typeser::versions::Versions;
use typeser::{Serializer, SerializerSnapshot, StateType, TypeSerializer};

/// The orders of one release.
pub trait Release: StateType + Debug {
    /// Its name.
    const NAME: &'static str;

    /// The order with this number.
    fn order(id: u32) -> Self;
}

/// The folder of all releases: the snapshot of each release that wrote values, and the framed values.
struct Store {
    folder: PathBuf,
}

impl Store {
    fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        for part in ["snapshots", "orders"] {
            fs::create_dir_all(folder.join(part))?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    fn snapshots(&self) -> Result<Vec<(String, SerializerSnapshot)>, Box<dyn Error>> {
        let mut snapshots = Vec::new();
        for entry in fs::read_dir(self.folder.join("snapshots"))? {
            let entry = entry?;
            let name = entry.file_name().into_string().map_err(|_| "a release whose name is no text")?;
            snapshots.push((name, SerializerSnapshot::from_bytes(&fs::read(entry.path())?)?));
        }
        snapshots.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(snapshots)
    }

    fn keep(&self, release: &str, snapshot: &SerializerSnapshot) -> Result<(), Box<dyn Error>> {
        Ok(fs::write(self.folder.join("snapshots").join(release), snapshot.to_bytes()?)?)
    }

    fn order(&self, id: u32) -> PathBuf {
        self.folder.join("orders").join(id.to_string())
    }
}

/// Runs a release: `FOLDER [--downwards] [--as RELEASE [--lossy]] put|get|upgrade|read-only ID`.
#[must_use]
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the whole of a command")]
pub fn run<T: Release>() -> ExitCode {
    match command::<T>(std::env::args().skip(1).collect()) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn command<T: Release>(arguments: Vec<String>) -> Result<String, Box<dyn Error>> {
    let flag = |name: &str| arguments.iter().any(|argument| argument == name);
    let encode_as = arguments.iter().position(|argument| argument == "--as").map(|at| &arguments[at + 1]);
    let [folder, .., verb, id] = &arguments[..] else { return Err("FOLDER .. VERB ID".into()) };
    let (store, id) = (Store::open(Path::new(folder))?, id.parse()?);

    let today = Serializer::<T>::new()?;
    // The snapshot of a release is in the store before its first value.
    if encode_as.is_none() {
        store.keep(T::NAME, today.snapshot())?;
    }
    let policy = Policy { downwards: flag("--downwards"), ..Policy::default() };
    let mut builder = Versions::builder(today).policy(policy);
    for (release, snapshot) in store.snapshots()? {
        builder = builder.release(release, snapshot);
    }
    if let Some(release) = encode_as {
        let losses = if flag("--lossy") { Losses::Any } else { Losses::Declared };
        builder = builder.encode_as(release, losses);
    }
    let versions = builder.build()?;

    let stored = || fs::read(store.order(id));
    match verb.as_str() {
        "put" => {
            fs::write(store.order(id), versions.encode(&T::order(id))?)?;
            Ok(String::from("written"))
        }
        "get" => Ok(format!("{:?}", versions.decode(&stored()?)?)),
        "upgrade" => {
            let mut new = Vec::new();
            versions.upgrade(&stored()?, &mut new)?;
            fs::write(store.order(id), new)?;
            Ok(String::from("written"))
        }
        "read-only" => Ok(versions.is_read_only(&stored()?)?.to_string()),
        other => Err(format!("no verb: {other}").into()),
    }
}
