//! Folders of snapshots that people wrote: a file for each state, directly in a folder or in one folder per release.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use typeser::SerializerSnapshot;
use typeser::golden::{
    Current, Golden, Goldens, Ledger, ReadTodayError, RecordedRelease, Today, locations_file, state_of_stem, stem,
    with_locations,
};
use typeser::resolve::Role;
use typeser::serializer::Conversions;

use crate::failure::Failure;
use crate::input::{self, Source};

/// The ledger of accepted findings, beside the manifest or the releases.
pub(super) const LEDGER: &str = "accepted.json";

/// The endings of snapshots: JSON, text and binary.
const ENDINGS: [&str; 3] = [".json", ".txt", ".snap"];

/// The files of a folder by name.
type Files = BTreeMap<String, Vec<u8>>;

/// The folder as releases, the oldest first, if it has snapshots in folders. The release is the name of the folder.
pub(super) fn releases(source: &Source, files: &Files) -> Result<Option<Goldens>, Failure> {
    let mut releases: BTreeMap<&str, Vec<Golden>> = BTreeMap::new();
    for (name, bytes) in files {
        let Some((release, file)) = name.split_once('/').filter(|(_, file)| is_snapshot(file, bytes)) else { continue };
        let (state, role, snapshot) = read(source, name, file, bytes)?;
        let goldens = releases.entry(release).or_default();
        if goldens.iter().any(|golden| golden.state == state && golden.role == role) {
            return Err(twice(source, name, &state, role));
        }
        goldens.push(Golden { state, role, snapshot, samples: Vec::new() });
    }
    if releases.is_empty() {
        return Ok(None);
    }
    let mut releases: Vec<RecordedRelease> =
        releases.into_iter().map(|(name, goldens)| RecordedRelease { name: name.to_owned(), goldens }).collect();
    releases.sort_by(|one, other| in_order(&one.name, &other.name));
    let ledger = files.get(LEDGER).map(Ledger::from_json).transpose();
    let ledger = ledger.map_err(|error| format!("{}: {error}", source.file(LEDGER)))?.unwrap_or_default();
    Ok(Some(Goldens { releases, ledger }))
}

/// The folder as the types of today, if it has snapshots itself.
pub(super) fn today(source: &Source, files: &Files) -> Result<Option<Today>, Failure> {
    let mut today = Today::default();
    for (name, bytes) in files.iter().filter(|(name, bytes)| is_snapshot(name, bytes)) {
        let (state, role, snapshot) = read(source, name, name, bytes)?;
        if today.state(&state, role).is_some() {
            return Err(twice(source, name, &state, role));
        }
        let places = files.get(&locations_file(&stem(&state, role))).map(|text| String::from_utf8_lossy(text));
        let snapshot = places.map_or_else(|| snapshot.clone(), |text| with_locations(snapshot.clone(), &text));
        today.states.push(Current { state, role, snapshot, conversions: Conversions::new() });
    }
    Ok((!today.states.is_empty()).then_some(today))
}

fn twice(source: &Source, name: &str, state: &str, role: Role) -> Failure {
    format!("{source}/{name}: a second file is the {role} of state `{state}`\nhelp: remove or rename one of the two")
        .into()
}

/// The names that the file of a state may have.
pub(super) fn names(state: &str, role: Role) -> impl Iterator<Item = String> {
    let stem = stem(state, role);
    let short = stem.strip_suffix(".value").map(str::to_owned);
    [Some(stem), short].into_iter().flatten().flat_map(|stem| ENDINGS.map(|ending| format!("{stem}{ending}")))
}

fn read(source: &Source, name: &str, file: &str, bytes: &[u8]) -> Result<(String, Role, SerializerSnapshot), Failure> {
    let stem = ENDINGS.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
    // A file without a role is of values.
    let known = state_of_stem(stem).or_else(|| state_of_stem(&format!("{stem}.value")));
    let Some((state, role)) = known else {
        let error = ReadTodayError::Name { file: name.to_owned() };
        let help = "write today's snapshots again with `typeser golden current --out DIR`, or rename the file";
        return Err(format!("{source}/{error}\nhelp: {help}").into());
    };
    let (_, snapshot) = input::parse(&source.file(name), bytes)?;
    Ok((state, role, snapshot))
}

/// Whether a file directly in a folder may be a snapshot.
fn is_snapshot(name: &str, bytes: &[u8]) -> bool {
    !name.contains('/')
        && !name.starts_with('.')
        && name != LEDGER
        && ENDINGS.iter().any(|ending| name.ends_with(ending))
        // Other texts may be beside them.
        && (!name.ends_with(".txt") || bytes.starts_with(b"typeser-snapshot") || bytes.starts_with(b"\xef\xbb\xbf"))
}

/// The order of two releases: numbers by value, and `1.0.0-rc1` before `1.0.0`.
fn in_order(one: &str, other: &str) -> Ordering {
    let parts = |name: &str| {
        let (main, before) = name.split_once('-').map_or((name, None), |(main, before)| (main, Some(before)));
        (runs(main), before.is_none(), before.map(runs).unwrap_or_default())
    };
    parts(one).cmp(&parts(other)).then_with(|| one.cmp(other))
}

/// A name as runs of digits, by value, and of other characters.
fn runs(name: &str) -> Vec<(u128, String)> {
    let mut runs: Vec<(u128, String)> = Vec::new();
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit).unwrap_or(rest.len());
        let run = &rest[..end];
        rest = &rest[end..];
        runs.push(match run.parse() {
            Ok(number) if is_digit => (number, String::new()),
            _ => (0, run.to_owned()),
        });
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn releases_are_in_the_order_of_their_numbers() {
        let mut names = ["1.10.0", "1.9.0", "1.10.0-rc2", "1.10.0-rc10", "1.2", "1.2.1"];
        names.sort_by(|one, other| in_order(one, other));
        assert_eq!(names, ["1.2", "1.2.1", "1.9.0", "1.10.0-rc2", "1.10.0-rc10", "1.10.0"]);
    }
}
