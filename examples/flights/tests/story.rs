//! The program, run as a process: the whole story, the report of release 4, and messages about mistakes.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests fail by panicking")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::read::GzDecoder;
use typeser_state::processor::{EntryPlace, Query};
use typeser_state::savepoint::Savepoint;

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/flights-2013.csv.gz");

fn flights<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flights")).args(args).env_remove("NO_COLOR").output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A directory for state and small data: every 40th departure.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut whole = String::new();
        GzDecoder::new(fs::File::open(DATA).unwrap()).read_to_string(&mut whole).unwrap();
        let lines: Vec<&str> = whole.lines().collect();
        let few = lines[1..].iter().step_by(40).fold(format!("{}\n", lines[0]), |text, line| text + line + "\n");
        fs::write(folder.path().join("few.csv"), few).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), contents).unwrap();
        self.path(name)
    }

    fn story(&self, data: &Path) -> Output {
        flights(&["--data".as_ref(), data.as_os_str()])
    }

    fn release(&self, number: &str, state: &str) -> Output {
        let (data, state) = (self.path("few.csv"), self.path(state));
        fs::create_dir_all(&state).unwrap();
        let args: [&std::ffi::OsStr; 6] =
            ["release".as_ref(), number.as_ref(), "--data".as_ref(), data.as_ref(), "--state".as_ref(), state.as_ref()];
        flights(&args)
    }

    /// Checks for one sentence on standard error, an exit code, and no panic.
    fn complaint(&self, output: &Output) -> String {
        let complaint = text(&output.stderr).replace(self.folder.path().to_str().unwrap(), "[folder]");
        assert!(!output.status.success());
        assert!(!complaint.contains("panicked"), "{complaint}");
        format!("{} ({})", complaint.trim_end(), output.status.code().unwrap())
    }
}

/// Replaces what differs between runs: times, the directory, the hash.
fn steady(story: &str, directory: &str) -> String {
    let mut steady = String::new();
    for line in story.replace(directory, "[state]").replace(DATA, "[data]").lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let mut kept: Vec<&str> = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let unit = words.get(index + 1).map_or("", |word| word.trim_end_matches([';', '.']));
            let is_time = ["ms", "s"].contains(&unit) && word.parse::<f64>().is_ok();
            let is_hash = word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_time || is_hash {
                // Replace the blanks before it too: they depend on the length of the number.
                while is_time && kept.len() > 1 && kept.last() == Some(&"") {
                    kept.pop();
                }
                kept.push(if is_time { "[time]" } else { "[hash]" });
            } else if !(["ms", "s"].contains(&word.trim_end_matches([';', '.'])) && kept.last() == Some(&"[time]")) {
                kept.push(word);
            }
        }
        steady += &kept.join(" ");
        steady.push('\n');
    }
    steady
}

#[test]
fn the_whole_story_ends_well_and_release_4_says_why_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let output = flights(&["--data".as_ref(), DATA.as_ref(), "--state".as_ref(), state.as_os_str()]);
    assert_eq!(text(&output.stderr), "", "progress bars are for terminals");
    assert!(output.status.success());
    let story = text(&output.stdout);
    assert_eq!(story.lines().last(), Some("release 3 after two upgrades equals release 3 from scratch: true"));
    insta::assert_snapshot!("the_story", steady(story, state.to_str().unwrap()));

    let args = ["release".as_ref(), "4".as_ref(), "--state".as_ref(), state.as_os_str()];
    let refused = flights(&args);
    assert_eq!(refused.status.code(), Some(3));
    insta::assert_snapshot!("the_report_of_release_4", steady(text(&refused.stderr), state.to_str().unwrap()));
}

#[test]
fn impossible_values_are_found_and_corrected_and_release_2_restores_the_repaired_savepoint() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let output = flights(&["repair".as_ref(), "--state".as_ref(), state.as_os_str()]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    insta::assert_snapshot!("the_repair", steady(text(&output.stdout), state.to_str().unwrap()));

    // The repaired state equals the state of release 1 on correct data.
    let good = folder.path().join("good");
    assert!(flights(&["release".as_ref(), "1".as_ref(), "--state".as_ref(), good.as_os_str()]).status.success());
    let contents = |path: &Path| {
        let savepoint = Savepoint::open(path).unwrap();
        let entries = Query::new().run(&savepoint).unwrap().map(|entry| {
            let entry = entry.unwrap();
            let place = match entry.place {
                EntryPlace::MapKey(key) => key.to_string(),
                // The numbers of list elements matter only for their order.
                _ => String::new(),
            };
            let key = entry.key.unwrap().to_string();
            format!("{} {} {key} {place} {}", entry.key_group, entry.state.name(), entry.value)
        });
        entries.collect::<Vec<_>>()
    };
    let repaired = contents(&state.join("repaired"));
    assert_eq!(repaired, contents(&good.join("after-release-1")));
    assert_ne!(repaired, contents(&state.join("damaged")));
}

#[test]
fn data_that_is_missing_or_wrong_gets_one_sentence() {
    let place = Place::new();
    let few = fs::read_to_string(place.path("few.csv")).unwrap();
    let lines: Vec<&str> = few.lines().collect();
    let of = |lines: &[&str]| lines.join("\n") + "\n";
    let with_line_3 = |line: &str| of(&[lines[0], lines[1], line]);
    let whole = fs::read(DATA).unwrap();
    let half = &whole[..whole.len() / 2];
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0x10;
    let cases = [
        ("missing", place.path("nowhere.csv.gz")),
        ("a directory", place.folder.path().to_owned()),
        ("empty", place.write("empty.csv", "")),
        ("another text", place.write("notes.txt", "Dear diary,\ntoday\n")),
        ("other columns", place.write("other.csv", "year,month,day\n2013,1,1\n")),
        ("no text", place.write("image.png", [0x89, b'P', b'N', b'G', 0xFF, 0, b'\n', 1])),
        ("cut within the compression", place.write("half.csv.gz", half)),
        ("a flipped bit within the compression", place.write("flipped.csv.gz", flipped)),
        ("a figure that is none", place.write("figure.csv", with_line_3(&lines[2].replacen(",ORD,", ",ORD,1e3", 1)))),
        ("a time that is none", place.write("time.csv", with_line_3(&lines[2].replacen("2013-", "1/2/", 1)))),
        ("too few figures", place.write("short.csv", with_line_3("2013-01-01T10:00:00Z,15,UA"))),
        ("no departure at all", place.write("nothing.csv", of(&lines[..1]))),
        ("January alone", place.write("january.csv", of(&lines[..400]))),
        ("another year", place.write("2012.csv", few.replacen("2013-01", "2012-01", 1))),
    ];
    let complaints = cases.map(|(name, data)| format!("{name}:\n  {}", place.complaint(&place.story(&data))));
    insta::assert_snapshot!(complaints.join("\n"));
}

#[test]
fn a_wrong_command_line_or_directory_gets_one_sentence() {
    let place = Place::new();
    let occupied = place.path("occupied");
    fs::create_dir(&occupied).unwrap();
    fs::write(occupied.join("thesis.txt"), "all of it").unwrap();
    let (data, occupied) = (place.path("few.csv"), occupied.to_str().unwrap().to_owned());
    let data = data.to_str().unwrap();
    let cases: [&[&str]; 9] = [
        &["--dta", data],
        &["--data"],
        &["release"],
        &["release", "5"],
        &["release", "two"],
        &["release", "1"],
        &["--from-scratch", "2013-01"],
        &["release", "3", "--from-scratch", "2013-02", "--state", "x"],
        &["--data", data, "--state", &occupied],
    ];
    let complaints = cases.map(|args| place.complaint(&flights(args)));
    insta::assert_snapshot!(complaints.join("\n"));
}

#[test]
fn a_missing_or_existing_savepoint_gets_one_sentence() {
    let place = Place::new();
    let mut complaints = vec![place.complaint(&place.release("2", "state"))];
    assert!(place.release("1", "state").status.success());
    complaints.push(place.complaint(&place.release("1", "state")));
    fs::remove_file(place.path("state/after-release-1").join(rows_name(&place))).unwrap();
    complaints.push(place.complaint(&place.release("2", "state")));
    insta::assert_snapshot!(complaints.join("\n"));
}

fn rows_name(place: &Place) -> String {
    let files = fs::read_dir(place.path("state/after-release-1")).unwrap();
    let mut names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.find(|name| name.ends_with(".rows")).unwrap()
}

#[test]
fn a_damaged_savepoint_is_refused_with_its_file_and_an_offset() {
    let place = Place::new();
    assert!(place.release("1", "state").status.success());
    let mut kept = Vec::new();
    for name in ["manifest.typeser".to_owned(), rows_name(&place)] {
        let file = place.path("state/after-release-1").join(&name);
        let sound = fs::read(&file).unwrap();
        let flip = |at: usize| {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x04;
            (format!("byte {at} flipped"), bytes)
        };
        let cut = |at: usize| (format!("cut after {at} bytes"), sound[..at].to_vec());
        let last = sound.len() - 1;
        let places = [0, 3, 8, 9, 10, 13, 14, 40, last / 3, last / 2, last - 30, last - 12, last];
        for (index, (how, bytes)) in places.map(flip).into_iter().chain(places.map(cut)).enumerate() {
            fs::write(&file, bytes).unwrap();
            let complaint = place.complaint(&place.release("2", "state"));
            let file = format!("[folder]/state/after-release-1/{name}");
            assert!(complaint.starts_with(&format!("flights: {file}: ")), "{how}: {complaint}");
            assert!(complaint.contains("offset "), "{how}: {complaint}");
            // Only some of them are tested.
            if index.is_multiple_of(4) {
                kept.push(format!("{name}, {how}:\n  {complaint}"));
            }
        }
        fs::write(&file, &sound).unwrap();
    }
    insta::assert_snapshot!(kept.join("\n"));
    assert!(place.release("2", "state").status.success(), "an intact file is restored");
}
