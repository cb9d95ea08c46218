//! Goldens in temporary folders, and failures as text for snapshots.

use std::path::Path;

use tempfile::TempDir;
use typeser::golden::{Failure, Golden, Goldens, Sample, Suite};
use typeser::resolve::Role;
use typeser::value::Value;
use typeser::{Serializer, StateType, TypeSerializer};

/// The golden that a release records for a state with these samples.
pub fn golden<T: StateType>(state: &str, role: Role, samples: impl IntoIterator<Item = T>) -> Golden {
    golden_by(state, role, &Serializer::<T>::new().unwrap(), samples)
}

pub fn golden_by<S: TypeSerializer>(
    state: &str,
    role: Role,
    serializer: &S,
    samples: impl IntoIterator<Item = S::Value>,
) -> Golden {
    let sample = |value| {
        let mut bytes = Vec::new();
        serializer.serialize(&value, &mut bytes).unwrap();
        let value = Some(Value::decode(serializer.snapshot(), &bytes).unwrap().to_string());
        Sample { bytes, value, generated: false }
    };
    let samples = samples.into_iter().map(sample).collect();
    Golden { state: state.to_owned(), role, snapshot: serializer.snapshot().clone(), samples }
}

/// The goldens of releases, in this order.
pub fn goldens<const N: usize>(releases: [(&str, Vec<Golden>); N]) -> Goldens {
    let mut goldens = Goldens::default();
    for (release, recorded) in releases {
        assert!(goldens.record(release, recorded).unwrap());
    }
    goldens
}

/// The goldens in a temporary folder: a crate with goldens and empty sources.
pub fn folder(goldens: &Goldens) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("src")).unwrap();
    write(&folder.path().join("golden"), goldens);
    folder
}

pub fn write(folder: &Path, goldens: &Goldens) {
    for (name, bytes) in goldens.to_files().unwrap() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// A suite with the goldens and sources of such a folder. Reports show the sources of this crate.
pub fn suite(folder: &Path) -> Suite {
    Suite::new(env!("CARGO_MANIFEST_DIR")).folder(folder.join("golden")).sources(folder.join("src"))
}

/// The complete failure of a suite with these goldens, as text.
pub fn failure(goldens: &Goldens, list: impl FnOnce(Suite) -> Suite) -> String {
    let folder = folder(goldens);
    rendered(folder.path(), list(suite(folder.path())).outcome().map(|_| ()).unwrap_err())
}

/// A failure as text, without the name of the temporary folder.
pub fn rendered(folder: &Path, failure: Failure) -> String {
    assert_eq!(format!("{failure:?}"), failure.to_string(), "a failed test prints `Debug`");
    failure.to_string().replace(&folder.display().to_string(), "CRATE")
}
