//! The functions of the oracle's program. The model implements the same functions independently.

use std::sync::LazyLock;

use typeser::serializer::{Conversions, Custom, CustomError, CustomSerializer, OldVersion};
use typeser::value::{Record, Value};
use typeser::{Serializer, StateType, TypeSerializer};

/// The ids of functions derive from attributes.
#[derive(StateType)]
#[allow(dead_code, reason = "only its functions are used")]
struct Functions {
    #[state(convert(u32, with = spelled, injective))]
    a: String,
    #[state(convert(String, with = length))]
    b: u64,
    #[state(convert(i64, with = negative))]
    c: bool,
    #[state(convert(u64, with = narrowed))]
    d: u32,
    #[state(convert(Mirrored, with = straight))]
    e: Point,
}

#[derive(StateType)]
#[state(name = "Point")]
struct Mirrored {
    x: u8,
    y: u16,
}

#[derive(StateType)]
struct Point {
    y: u16,
    x: u8,
}

fn spelled(number: u32) -> String {
    number.to_string()
}

fn length(text: String) -> u64 {
    text.chars().count() as u64
}

fn negative(number: i64) -> bool {
    number < 0
}

fn straight(point: Mirrored) -> Point {
    Point { y: point.y.wrapping_add(1), x: point.x }
}

fn narrowed(number: u64) -> Result<u32, String> {
    u32::try_from(number).map_err(|_| format!("{number} is too large"))
}

/// Versions of a type: the first two are kept, the third was deleted, the fourth has the layout of the third.
#[derive(StateType)]
#[state(name = "Trip")]
struct Trip1 {
    metres: u32,
    places: Vec<String>,
}

#[derive(StateType)]
#[state(name = "Trip", version = 2)]
struct Trip2 {
    metres: u64,
    places: Vec<String>,
}

#[derive(StateType)]
#[state(version = 4, migrate(1 => longer, 2 => named, 3 => in_feet))]
struct Trip {
    length: u64,
    name: String,
    places: Vec<String>,
}

fn longer(old: Trip1) -> Trip2 {
    Trip2 { metres: old.metres.into(), places: old.places }
}

fn named(old: Trip2) -> Result<Value, &'static str> {
    let name = old.places.last().cloned().ok_or("a trip to nowhere")?;
    let trip = Record::structure("Trip").with("length", old.metres).with("name", name);
    Ok(trip.with("places", Value::list(old.places)).into())
}

fn in_feet(old: Value) -> Result<Trip, String> {
    let part = |name: &str| old.get(name).map_err(|error| error.to_string());
    let Value::List(places) = part("places")? else { return Err("no list of places".to_owned()) };
    let text = |value: &Value| value.as_str().map(str::to_owned).map_err(|error| error.to_string());
    let length = part("length")?.as_u64().map_err(|error| error.to_string())?;
    Ok(Trip {
        length: length.wrapping_mul(3),
        name: text(part("name")?)?,
        places: places.iter().map(text).collect::<Result<_, _>>()?,
    })
}

/// The result of functions that take any type.
#[derive(StateType)]
#[state(version = 3, migrate(1 => kept, 2 => measured))]
struct Measured {
    words: String,
    sum: u64,
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => sorted))]
enum Sorted {
    Nothing,
    Something { sum: u64, words: Option<String> },
}

/// A plain number, then a struct, then an enum.
#[derive(StateType)]
#[state(version = 3, migrate(1 => of_number, 2 => of_tally))]
enum Tally {
    Zero,
    More { number: u64, even: bool },
}

#[derive(StateType)]
#[state(name = "Tally", version = 2)]
struct Tally2 {
    even: bool,
    number: u64,
}

fn of_number(old: u32) -> Tally2 {
    Tally2 { even: old.is_multiple_of(2), number: u64::from(old) * 3 }
}

fn of_tally(old: Tally2) -> Result<Tally, &'static str> {
    match (old.number, old.even) {
        (0, _) => Ok(Tally::Zero),
        (u64::MAX, false) => Err("too many"),
        (number, even) => Ok(Tally::More { number, even }),
    }
}

/// Joins two parts, and keeps different ones different: also for keys.
#[derive(StateType)]
#[state(version = 2, migrate(1 => joined, injective))]
struct Label {
    text: String,
}

#[derive(StateType)]
#[state(name = "Label")]
struct Label1 {
    number: u32,
    mark: bool,
}

fn joined(old: Label1) -> Label {
    Label { text: format!("{}{}", old.number, if old.mark { "!" } else { "" }) }
}

fn kept(old: Value) -> Value {
    old
}

fn measured(old: Value) -> Result<Measured, String> {
    let mut all = Measured { words: String::new(), sum: 0 };
    all.add(&old);
    if all.sum % 8 == 7 { Err(format!("{} is too odd", all.sum)) } else { Ok(all) }
}

fn sorted(old: Value) -> Sorted {
    let mut all = Measured { words: String::new(), sum: 0 };
    all.add(&old);
    match all.sum {
        0 => Sorted::Nothing,
        sum => Sorted::Something { sum, words: (!all.words.is_empty()).then_some(all.words) },
    }
}

impl Measured {
    /// Names of fields and variants in their order, numbers and lengths.
    fn add(&mut self, value: &Value) {
        match value {
            Value::Struct(record) => self.fields(record),
            Value::Enum(record) => {
                self.word(record.variant_name().unwrap_or_default());
                self.fields(record);
            }
            Value::Option(Some(inner)) => self.add(inner),
            Value::List(items) | Value::Set(items) | Value::Array(items) | Value::Tuple(items) => {
                items.iter().for_each(|item| self.add(item));
            }
            Value::Map(entries) => entries.iter().for_each(|(key, value)| {
                self.add(key);
                self.add(value);
            }),
            Value::String(text) => self.number(text.len() as u64),
            Value::Opaque(bytes) => self.number(bytes.len() as u64),
            number => match (number.as_i128(), number.as_u128()) {
                (Ok(number), _) => self.number(number as u64),
                (_, Ok(number)) => self.number(number as u64),
                _ => {}
            },
        }
    }

    fn fields(&mut self, record: &Record) {
        for (name, value) in record.fields() {
            self.word(name);
            self.add(value);
        }
    }

    fn word(&mut self, word: &str) {
        if self.words.len() < 40 {
            self.words.push_str(word);
        }
    }

    fn number(&mut self, number: u64) {
        self.sum = self.sum.wrapping_add(number);
    }
}

/// A leaf that is opaque to typeser: a mark and then any bytes.
struct Note;

impl CustomSerializer for Note {
    type Value = Vec<u8>;
    const NAME: &'static str = "Note";
    const VERSION: u32 = 3;
    const MIGRATES: &'static [OldVersion<Vec<u8>>] = &[
        OldVersion {
            version: 1,
            read: |bytes| match bytes.len() {
                4.. => Err("too long".into()),
                _ => Ok(bytes.iter().rev().copied().collect()),
            },
        },
        OldVersion { version: 2, read: |bytes| Ok(bytes.iter().map(|byte| byte.wrapping_add(1)).collect()) },
    ];

    fn write(value: &Vec<u8>, to: &mut Vec<u8>) -> Result<(), CustomError> {
        to.push(b'*');
        to.extend_from_slice(value);
        Ok(())
    }

    fn read(from: &[u8]) -> Result<Vec<u8>, CustomError> {
        Ok(from.strip_prefix(b"*").ok_or("no mark")?.to_vec())
    }
}

/// All types with functions.
#[derive(StateType)]
#[allow(dead_code, reason = "only the functions of its parts are used")]
struct Program {
    functions: Functions,
    trip: Trip,
    measured: Measured,
    sorted: Sorted,
    tally: Tally,
    label: Label,
    note: Custom<Note>,
}

/// All functions of the program.
pub(super) static FUNCTIONS: LazyLock<Conversions> = LazyLock::new(|| {
    let serializer = Serializer::<Program>::new();
    serializer.map_or_else(|_| Conversions::new(), |serializer| serializer.conversions().clone())
});

#[cfg(test)]
mod tests {
    use super::super::model::functions::{FUNCTIONS as KNOWN, MIGRATIONS, NOTES, STRAIGHT};
    use super::FUNCTIONS;

    #[test]
    fn the_model_knows_every_function_of_the_program_and_no_other() {
        let mut known: Vec<&str> = KNOWN.iter().map(|function| function.id).collect();
        known.extend(MIGRATIONS.iter().map(|migration| migration.id));
        known.extend(NOTES);
        known.push(STRAIGHT);
        known.sort_unstable();
        assert_eq!(FUNCTIONS.ids().collect::<Vec<_>>(), known);
    }
}
