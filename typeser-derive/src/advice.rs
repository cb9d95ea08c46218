//! Messages for words that are unknown, misplaced or have an invalid value: what to write instead.

use crate::symbol::{Place, Symbol};

/// The most bytes in a name. The library has the same limit for schemas.
pub(crate) const NAME_BYTES: usize = 1_024;

/// Words of other derives, and the words of typeser for the same purpose.
const FOREIGN: &[(&str, &str)] = &[
    ("rename", "write `name = \"...\"`"),
    ("rename_all", "give each field or variant its own `name = \"...\"`"),
    ("skip_serializing", "write `skip`: what is not stored cannot be read either"),
    ("skip_deserializing", "write `skip`: what is not stored cannot be read either"),
    ("skip_serializing_if", "every value has one layout: leave it out, or make the field an `Option`"),
    ("flatten", "every field is stored under its own name; leave it out, or copy the fields into this type"),
    ("untagged", "every variant is stored with its tag: leave it out"),
    ("content", "every variant is stored with its tag: leave it out"),
    ("deny_unknown_fields", "a removed field has to be declared anyway: leave it out"),
    (
        "from",
        "write `as = u64` to store another type; for data of an earlier release, write `convert(u32, with = path)`",
    ),
    (
        "try_from",
        "write `as = u64` to store another type; for data of an earlier release, write `convert(u32, with = path)`",
    ),
    ("into", "write `as = u64` to store another type"),
    ("serialize_with", "write `as(u64, into = path, from = path)`, or `with = path`"),
    ("deserialize_with", "write `as(u64, into = path, from = path)`, or `with = path`"),
    ("display", "write `text`"),
    ("from_str", "write `text`"),
    ("fallback", "write `other` on the variant that removed variants become"),
    ("remove", "write `removed(\"...\")`"),
    ("deleted", "write `removed(\"...\")`"),
    ("tombstone", "write `removed(\"...\")`"),
    ("index", "write `tag = 3` on a variant"),
    ("discriminant", "write `tag = 3` on a variant"),
    ("id", "write `tag = 3` on a variant, or `name = \"...\"`"),
    ("ignore", "write `skip`"),
];

/// For an unknown word.
pub(crate) fn unknown(word: &str, place: Place) -> String {
    if let Some((_, advice)) = FOREIGN.iter().find(|(foreign, _)| *foreign == word) {
        return format!("unknown attribute `{word}`: {advice}");
    }
    let here = || Symbol::ALL.into_iter().filter(|symbol| symbol.places().contains(&place));
    let near = here()
        .map(|symbol| (distance(word, symbol.word()), symbol))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, symbol)| *distance <= symbol.word().len() / 3);
    match near {
        Some((_, symbol)) => format!("unknown attribute `{word}`: did you mean `{symbol}`?"),
        None => {
            let known: Vec<String> = here().map(|symbol| format!("`{symbol}`")).collect();
            format!("unknown attribute `{word}`: {place} takes {}", known.join(", "))
        }
    }
}

/// For a word in the wrong place.
pub(crate) fn misplaced(symbol: Symbol, place: Place) -> String {
    let advice = match (symbol, place) {
        (Symbol::Tag, Place::Field) => "fields are identified by name: leave it out",
        (Symbol::Tag, _) => "give each variant its own `tag = n`",
        (Symbol::Transparent, Place::Enum) => "an enum stores a tag, which its payload does not have: leave it out",
        (Symbol::Default, Place::Variant) => {
            "write `#[default]` below `#[derive(Default)]`, and `#[state(default)]` on fields"
        }
        (Symbol::Default, _) => "write `default` on each field that may be missing in stored bytes",
        (Symbol::Skip, Place::Variant) => "every variant has to have a stored form: leave it out",
        (Symbol::Skip, _) => "leave out `#[derive(StateType)]`, or write `skip` on the fields that hold this type",
        (Symbol::Removed, _) => "write it on the struct or variant that once had the field",
        (Symbol::Version, _) => "write it on the type",
        (Symbol::Key | Symbol::Ordered, _) => "write it on the type that is the key",
        (Symbol::Crate | Symbol::Bound, _) => "write it on the type",
        (Symbol::With | Symbol::Serde | Symbol::Text | Symbol::As, _) => {
            "write it on the type, or on the fields of the variant"
        }
        (Symbol::Remote, _) => {
            "write it on a struct or enum that mirrors the foreign type, and `as = Name` on the field"
        }
        (Symbol::Transparent, _) => "write it on a struct with one stored field",
        (Symbol::Migrate, _) => "write it on the type, or `convert(u32, with = path)` on a field",
        (Symbol::Was, Place::Field) => {
            "write `alias = \"...\"` for another name, or `convert(u32, with = path)` for another type"
        }
        (Symbol::Was, _) => "write `alias = \"...\"` for another name",
        (Symbol::Convert, Place::Variant) => "write it on the fields of the variant",
        (Symbol::Convert, _) => "write `migrate(1 => path)` for whole values of the type",
        (Symbol::None, _) => "write it on the field that was an `Option`",
        (Symbol::Other, Place::Field) => "leave it out",
        (Symbol::Other, _) => "write it on the variant that removed variants become",
        (Symbol::Name | Symbol::Alias, _) => "leave it out",
    };
    let belongs: Vec<String> = symbol.places().iter().map(ToString::to_string).collect();
    let belongs = match &belongs[..] {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => belongs.concat(),
    };
    format!("`{symbol}` belongs on {belongs}, not on {place}; {advice}")
}

/// For a number that is invalid or out of range.
pub(crate) fn not_a_number(symbol: Symbol, least: u32) -> String {
    if symbol == Symbol::Version {
        return format!(
            "versions count from 1 to {}, and a type without `version` has version 1: leave it out, or write `version = 2`",
            u32::MAX
        );
    }
    format!("`{symbol}` is a number from {least} to {}: write `{}`", u32::MAX, symbol.usage())
}

/// How many letters have to be replaced, inserted, removed, or swapped with their neighbour, to turn one word into
/// another.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before = vec![0; to.len() + 1];
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, letter) in from.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in to.iter().enumerate() {
            let mut least =
                (last[column] + usize::from(letter != other)).min(last[column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && from[row - 1] == *other && *letter == to[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut last, current);
    }
    last[to.len()]
}
