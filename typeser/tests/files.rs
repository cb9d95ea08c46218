//! Files with one value: loaded by later releases, kept when they are replaced, refused where they are not whole.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "the names of tests document them")]

use std::fs;
use std::path::Path;

use typeser::file::{self, FileContents, FileOptions, LoadError, LockError, OpenError, ReadContentsError, SaveError};
use typeser::snapshot::CURRENT_VERSION;
use typeser::{Serializer, TypeSerializer};

mod v1 {
    #[derive(typeser::StateType, Clone, Debug, PartialEq)]
    pub struct Settings {
        pub volume: u8,
        pub name: String,
    }
}

mod v2 {
    #[derive(typeser::StateType, Clone, Debug, PartialEq, Default)]
    pub struct Settings {
        #[state(default = true)]
        pub music: bool,
        #[state(alias = "name")]
        pub player: String,
        pub volume: u16,
    }
}

/// The layout of the first release again, with one more name for a field: the bytes of values are the same.
mod v1_hints {
    #[derive(typeser::StateType, Debug, PartialEq)]
    pub struct Settings {
        pub volume: u8,
        #[state(alias = "title")]
        pub name: String,
    }
}

fn old() -> v1::Settings {
    v1::Settings { volume: 7, name: "Ada".into() }
}

fn new() -> v2::Settings {
    v2::Settings { music: true, player: "Ada".into(), volume: 7 }
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_later_release_loads_the_file_and_keeps_it_when_it_saves() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    FileOptions::new().release("1.0.0").save(&path, &old()).unwrap();
    let first = fs::read(&path).unwrap();

    let loaded: v2::Settings = file::load(&path).unwrap();
    assert_eq!(loaded, new());
    assert_eq!(fs::read(&path).unwrap(), first, "loading changes nothing");
    assert_eq!(names(folder.path()), ["settings"]);

    let second = FileOptions::new().release("2.0.0");
    second.save(&path, &loaded).unwrap();
    second.save(&path, &loaded).unwrap();
    assert_eq!(names(folder.path()), ["settings", "settings.1.0.0.old"]);
    assert_eq!(fs::read(folder.path().join("settings.1.0.0.old")).unwrap(), first);
    assert_eq!(file::load::<v2::Settings>(&path).unwrap(), new());

    // Back, and forth again: what had the name is replaced.
    FileOptions::new().release("1.0.0").save(&path, &v1::Settings { volume: 8, ..old() }).unwrap();
    second.save(&path, &loaded).unwrap();
    assert_eq!(names(folder.path()), ["settings", "settings.1.0.0.old", "settings.2.0.0.old"]);
    assert_eq!(file::load::<v1::Settings>(folder.path().join("settings.1.0.0.old")).unwrap().volume, 8);
}

#[test]
fn the_name_of_a_kept_file_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    // Without the name of a release, the layout.
    file::save(&path, &old()).unwrap();
    file::save(&path, &new()).unwrap();
    let tag = typeser::versions::Tag::of(Serializer::<v1::Settings>::new().unwrap().snapshot().fingerprint());
    assert_eq!(names(folder.path()), ["settings".to_owned(), format!("settings.{tag}.old")]);
    // A file of something else.
    fs::write(&path, "volume = 7").unwrap();
    file::save(&path, &new()).unwrap();
    assert_eq!(fs::read(folder.path().join("settings.unreadable.old")).unwrap(), b"volume = 7");
    // If it is not wanted.
    let options = FileOptions::new().keep_old(false);
    let other = folder.path().join("other");
    options.save(&other, &old()).unwrap();
    options.save(&other, &new()).unwrap();
    assert_eq!(names(folder.path()).len(), 4);
}

#[test]
fn hints_alone_keep_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    file::save(&path, &old()).unwrap();
    file::save(&path, &v1_hints::Settings { volume: 1, name: "Ada".into() }).unwrap();
    assert_eq!(names(folder.path()), ["settings"]);
}

#[test]
fn a_refusal_changes_nothing_on_disk() {
    #[derive(typeser::StateType, Debug, Default, PartialEq)]
    struct Settings {
        volume: bool,
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    file::save(&path, &old()).unwrap();
    let before = fs::read(&path).unwrap();

    let refused = file::load::<Settings>(&path).unwrap_err();
    let LoadError::NotReadable { .. } = &refused else { panic!("{refused}") };
    let report = refused.to_string();
    assert!(report.contains(&format!("file {}", path.display())) && report.contains("error["), "{report}");
    assert_eq!(file::load_or_default::<Settings>(&path).unwrap_err(), refused);
    assert_eq!(file::load_or_reset::<Settings>(&path), (Settings { volume: false }, Some(refused)));

    let small = FileOptions::new().max_bytes(100);
    let error = small.save(&path, &v1::Settings { volume: 1, name: "x".repeat(100) }).unwrap_err();
    assert!(matches!(error, SaveError::TooLarge { limit: 100, .. }), "{error}");
    let error = FileOptions::new().release("../1.0").save(&path, &new()).unwrap_err();
    assert!(matches!(error, SaveError::Contents(_)), "{error}");
    assert_eq!(names(folder.path()), ["settings"]);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_missing_file_is_the_default_and_no_reset() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    assert_eq!(file::load_or_default::<v2::Settings>(&path).unwrap(), v2::Settings::default());
    assert_eq!(file::load_or_reset::<v2::Settings>(&path), (v2::Settings::default(), None));
    let error = file::load::<v2::Settings>(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("{}: there is no such file", path.display()));
    assert!(names(folder.path()).is_empty());
}

#[test]
fn damage_at_every_byte_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    FileOptions::new().release("1.0.0").save(&path, &old()).unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(FileContents::from_bytes(&whole).is_ok());
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            let error = FileContents::from_bytes(&damaged).unwrap_err();
            let right = match at {
                0..8 => matches!(error, ReadContentsError::NotAFile { .. }),
                8..10 => matches!(error, ReadContentsError::UnknownVersion { .. }),
                10..18 => matches!(error, ReadContentsError::Cut { .. } | ReadContentsError::TrailingBytes { .. }),
                _ => matches!(error, ReadContentsError::Checksum { .. }),
            };
            assert!(right, "bit {bit} of byte {at}: {error}");
            // Without its checksum too, nothing panics.
            let (body, _) = damaged.split_last_chunk::<4>().unwrap();
            let forged = [body, &typeser::wire::checksum(body).to_le_bytes()].concat();
            fs::write(&path, &forged).unwrap();
            let _: (v2::Settings, _) = file::load_or_reset(&path);
        }
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let error = file::load::<v2::Settings>(&path).unwrap_err();
        let cut = matches!(&error, LoadError::Open(OpenError::Contents { error: ReadContentsError::Cut { .. }, .. }));
        assert!(cut, "{length} bytes: {error}");
    }
    fs::write(&path, [&whole[..], b"!"].concat()).unwrap();
    let error = file::load::<v2::Settings>(&path).unwrap_err();
    assert!(error.to_string().contains("1 bytes follow"), "{error}");
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("folder");
    fs::create_dir(&inside).unwrap();
    let refused = |path: &Path, what: &str| {
        let (load, save) = (file::load::<u8>(path).unwrap_err(), file::save(path, &7u8).unwrap_err());
        let message = format!("{}: this is {what}, not a file; name a file", path.display());
        assert_eq!((load.to_string(), save.to_string()), (message.clone(), message));
    };
    refused(&inside, "a folder");
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        refused(&pipe, "a pipe, a socket or a device");
        refused(Path::new("/dev/zero"), "a pipe, a socket or a device");
    }
}

#[test]
fn a_huge_file_is_refused_by_its_header() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    file::save(&path, &old()).unwrap();
    let header = fs::read(&path).unwrap();
    // Sparse: it takes no room on the disk.
    let huge = fs::OpenOptions::new().write(true).open(&path).unwrap();
    huge.set_len(1 << 40).unwrap();
    let error = file::load::<v1::Settings>(&path).unwrap_err();
    let size = 1 << 40;
    assert!(matches!(error, LoadError::Open(OpenError::TooLarge { size: found, .. }) if found == size), "{error}");
    // Not even a file of typeser.
    let other = folder.path().join("other");
    fs::File::create(&other).unwrap().set_len(1 << 40).unwrap();
    let error = file::load::<v1::Settings>(&other).unwrap_err();
    assert!(error.to_string().contains("not a typeser file"), "{error}");
    // One that promises more than there is.
    let mut promises = header;
    promises[10..18].copy_from_slice(&u64::MAX.to_le_bytes());
    fs::write(&path, promises).unwrap();
    let error = file::load::<v1::Settings>(&path).unwrap_err();
    assert!(error.to_string().contains("cut off"), "{error}");
}

#[test]
fn a_file_is_locked_against_a_second_user() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings");
    let locked = FileOptions::new().lock(&path).unwrap();
    let error = FileOptions::new().lock(&path).unwrap_err();
    assert!(matches!(error, LockError::Locked { .. }), "{error}");
    locked.save(&old()).unwrap();
    assert_eq!(locked.load::<v2::Settings>().unwrap(), new());
    drop(locked);
    FileOptions::new().lock(&path).unwrap();
    let error = FileOptions::new().lock(folder.path().join("none/settings")).unwrap_err();
    assert!(matches!(error, LockError::Lock { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("settings"), folder.path().join("link"));
    file::save(&path, &old()).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&path, &link).unwrap();
    file::save(&link, &v1::Settings { volume: 8, ..old() }).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(file::load::<v1::Settings>(&path).unwrap().volume, 8);
}

#[test]
fn threads_that_save_the_same_file_leave_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("numbers");
    std::thread::scope(|scope| {
        for thread in 0..4u64 {
            let path = &path;
            scope.spawn(move || (0..20).for_each(|_| file::save(path, &vec![thread; 1000]).unwrap()));
        }
    });
    let numbers: Vec<u64> = file::load(&path).unwrap();
    assert!(numbers.len() == 1000 && numbers.iter().all(|number| *number == numbers[0]));
    assert_eq!(names(folder.path()), ["numbers"]);
}

/// The stored form: the value 7 of the layout `u32`, by the release `1.4.0` and by none.
///
/// `TYPESER_RECORD=1` writes the files that are missing.
#[test]
fn files_have_the_bytes_of_the_goldens() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("golden/file/v1");
    for (name, options) in [("seven", FileOptions::new()), ("release", FileOptions::new().release("1.4.0"))] {
        let path = folder.join(format!("{name}.bin"));
        if std::env::var_os("TYPESER_RECORD").is_some() && !path.exists() {
            fs::create_dir_all(&folder).unwrap();
            options.save(&path, &7u32).unwrap();
        }
        let recorded = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let contents = FileContents::from_bytes(&recorded).unwrap();
        assert_eq!(contents.value, [7, 0, 0, 0]);
        assert_eq!(contents.release, (name == "release").then_some("1.4.0"));
        assert_eq!(file::load::<u64>(&path).unwrap(), 7);
        let scratch = tempfile::tempdir().unwrap();
        let written = scratch.path().join("written");
        options.save(&written, &7u32).unwrap();
        let written_bytes = fs::read(&written).unwrap();
        if contents.snapshot.read_version() == CURRENT_VERSION {
            assert_eq!(written_bytes, recorded, "{name}");
        }
        assert_eq!(FileContents::from_bytes(&written_bytes).unwrap(), contents, "{name}");
    }
    let page = include_str!("../../docs/format.md");
    let (_, block) = page.split_once("```file\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let bytes = block.lines().flat_map(|line| line.split('|').nth(1).unwrap().split_whitespace());
    let drawn: Vec<u8> = bytes.map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    assert_eq!(drawn, fs::read(folder.join("release.bin")).unwrap());
}
