//! Values of foreign types: as text, by a stand-in, by a mirror; their bytes, their errors, and how they evolve.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, reason = "tests fail by panicking")]

mod support;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use compat_tests::evolution::expect;
use support::{ENCODINGS, decode, encode, laws, serializer};
use typeser::resolve::Compatibility::{Incompatible, RequiresMigration};
use typeser::schema::IntegerEncoding::{Fixed, Variable};
use typeser::{StateType, TypeSerializer};

/// What other crates have: none of these types knows typeser.
mod other {
    use super::{FromStr, fmt};

    #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub struct Mail {
        user: String,
        host: String,
    }

    impl fmt::Display for Mail {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}@{}", self.user, self.host)
        }
    }

    impl FromStr for Mail {
        type Err = &'static str;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            let (user, host) = text.split_once('@').ok_or("there is no @")?;
            Ok(Self { user: user.to_owned(), host: host.to_owned() })
        }
    }

    /// Displays what it does not read.
    #[derive(Debug, Clone, PartialEq)]
    pub struct Percent(pub u8);

    impl fmt::Display for Percent {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{} %", self.0)
        }
    }

    impl FromStr for Percent {
        type Err = std::num::ParseIntError;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            text.parse().map(Self)
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub struct Ticket(u64);

    impl From<Ticket> for u64 {
        fn from(ticket: Ticket) -> Self {
            ticket.0
        }
    }

    impl TryFrom<u64> for Ticket {
        type Error = String;

        fn try_from(number: u64) -> Result<Self, Self::Error> {
            if number < 1_000 { Ok(Self(number)) } else { Err(format!("{number} is not below 1000")) }
        }
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct Flags(u8);

    impl Flags {
        pub fn bits(&self) -> u8 {
            self.0
        }

        pub fn from_bits(bits: u8) -> Option<Self> {
            (bits < 8).then_some(Self(bits))
        }
    }

    #[derive(Debug, PartialEq)]
    pub struct Point {
        pub x: f64,
        pub y: f64,
        pub label: Label,
    }

    #[derive(Debug, PartialEq)]
    pub struct Label(pub String, pub Option<Box<Point>>);

    #[derive(Debug, PartialEq)]
    pub enum Shape<T> {
        Empty,
        Circle { center: Point, radius: T },
        Polygon(Vec<Point>, bool),
    }
}

use other::{Flags, Label, Mail, Percent, Point, Shape, Ticket};

fn mail(text: &str) -> Mail {
    text.parse().unwrap()
}

fn ticket(number: u64) -> Ticket {
    Ticket::try_from(number).unwrap()
}

fn layout<T: StateType>() -> String {
    serializer::<T>(Fixed).snapshot().to_text()
}

#[derive(Debug, PartialEq, StateType)]
struct Texts {
    #[state(text)]
    one: Mail,
    #[state(text)]
    maybe: Option<Mail>,
    #[state(text)]
    many: Vec<Mail>,
    #[state(text)]
    by_name: HashMap<String, Mail>,
    #[state(text)]
    of_mail: BTreeMap<Mail, Vec<Option<Mail>>>,
    #[state(text)]
    set: HashSet<Mail>,
    #[state(text)]
    shared: Arc<Mail>,
    #[state(text)]
    pair: [Mail; 2],
    #[state(text(Mail))]
    both: Vec<(Mail, Flagged)>,
}

#[derive(Debug, Clone, PartialEq, StateType)]
struct Flagged(bool);

/// The same layout, of types that typeser stores.
#[derive(Debug, PartialEq, StateType)]
#[state(name = "Texts")]
struct Strings {
    one: String,
    maybe: Option<String>,
    many: Vec<String>,
    by_name: HashMap<String, String>,
    of_mail: BTreeMap<String, Vec<Option<String>>>,
    set: HashSet<String>,
    shared: Arc<String>,
    pair: [String; 2],
    both: Vec<(String, Flagged)>,
}

#[test]
fn text_is_stored_as_a_string_wherever_it_is() {
    let (a, b) = ("a@x".to_owned(), "bob@example.org".to_owned());
    let texts = Texts {
        one: mail(&a),
        maybe: Some(mail(&b)),
        many: vec![mail(&a), mail(&b)],
        by_name: [("first".to_owned(), mail(&b))].into(),
        of_mail: [(mail(&a), vec![None, Some(mail(&b))])].into(),
        set: [mail(&a)].into(),
        shared: Arc::new(mail(&b)),
        pair: [mail(&a), mail(&b)],
        both: vec![(mail(&a), Flagged(true))],
    };
    let strings = Strings {
        one: a.clone(),
        maybe: Some(b.clone()),
        many: vec![a.clone(), b.clone()],
        by_name: [("first".to_owned(), b.clone())].into(),
        of_mail: [(a.clone(), vec![None, Some(b.clone())])].into(),
        set: [a.clone()].into(),
        shared: Arc::new(b.clone()),
        pair: [a.clone(), b],
        both: vec![(a, Flagged(true))],
    };
    laws(&texts);
    for integers in ENCODINGS {
        assert_eq!(encode(integers, &texts), encode(integers, &strings));
    }
    insta::assert_snapshot!(layout::<Texts>());
}

#[derive(Debug, PartialEq, StateType)]
struct Order {
    id: u32,
    #[state(text)]
    mail: Mail,
}

#[test]
fn a_text_that_is_not_valid_is_refused_with_path_text_and_cause() {
    let bytes = encode(Variable, &(7u32, "nobody".to_owned())).unwrap();
    assert_eq!(
        decode::<Order>(Variable, &bytes).unwrap_err(),
        "cannot decode at offset 2: the text \"nobody\" in `Order.mail` is not a valid `Mail`: there is no @"
    );
}

#[derive(Debug, PartialEq, StateType)]
struct Report {
    #[state(text)]
    done: Option<Percent>,
}

#[test]
fn a_text_that_its_type_does_not_read_is_not_written() {
    assert_eq!(
        encode(Fixed, &Report { done: Some(Percent(7)) }).unwrap_err(),
        "cannot encode: the text \"7 %\" of `Report.done` could not be read back as `Percent`, so it was not written: \
         invalid digit found in string"
    );
    assert_eq!(encode(Fixed, &Report { done: None }).unwrap(), [0]);
}

#[derive(Debug, PartialEq, StateType)]
struct StandIns {
    #[state(as = u64)]
    one: Ticket,
    #[state(as = Option<u64>)]
    maybe: Option<Ticket>,
    #[state(as = Vec<u64>)]
    queue: VecDeque<Ticket>,
    #[state(as = HashMap<_, u64>)]
    by_name: HashMap<String, Ticket>,
    #[state(as = BTreeMap<u64, Vec<u64>>)]
    by_ticket: BTreeMap<Ticket, Vec<Ticket>>,
    #[state(as = u64)]
    boxed: Box<Ticket>,
    #[state(as(u8, into = Flags::bits, from = Flags::from_bits))]
    flags: Flags,
    #[state(as([u8; 3], into = Flags::bits, from = Flags::from_bits))]
    all: [Flags; 3],
}

#[derive(Debug, PartialEq, StateType)]
#[state(name = "StandIns")]
struct Plain {
    one: u64,
    maybe: Option<u64>,
    queue: VecDeque<u64>,
    by_name: HashMap<String, u64>,
    by_ticket: BTreeMap<u64, Vec<u64>>,
    boxed: Box<u64>,
    flags: u8,
    all: [u8; 3],
}

#[test]
fn a_stand_in_is_what_is_stored() {
    let plain = Plain {
        one: 1,
        maybe: Some(2),
        queue: [3, 4].into(),
        by_name: [("five".to_owned(), 5)].into(),
        by_ticket: [(6, vec![7, 8]), (9, vec![])].into(),
        boxed: Box::new(10),
        flags: 7,
        all: [0, 1, 2],
    };
    let flags = |bits| Flags::from_bits(bits).unwrap();
    let stand_ins = StandIns {
        one: ticket(1),
        maybe: Some(ticket(2)),
        queue: [ticket(3), ticket(4)].into(),
        by_name: [("five".to_owned(), ticket(5))].into(),
        by_ticket: [(ticket(6), vec![ticket(7), ticket(8)]), (ticket(9), vec![])].into(),
        boxed: Box::new(ticket(10)),
        flags: flags(7),
        all: [flags(0), flags(1), flags(2)],
    };
    laws(&stand_ins);
    for integers in ENCODINGS {
        assert_eq!(encode(integers, &stand_ins), encode(integers, &plain));
    }
    assert_eq!(layout::<StandIns>(), layout::<Plain>());
}

#[test]
fn a_stand_in_that_is_refused_names_path_and_cause() {
    #[derive(Debug, StateType)]
    struct Queue {
        name: String,
        #[state(as = Vec<u64>)]
        tickets: Vec<Ticket>,
        #[state(as(u8, into = Flags::bits, from = Flags::from_bits))]
        flags: Flags,
    }
    let bytes = encode(Fixed, &("a".to_owned(), vec![1u64, 1_000], 1u8)).unwrap();
    assert_eq!(
        decode::<Queue>(Fixed, &bytes).unwrap_err(),
        "cannot decode at offset 25: the value stored in `Queue.tickets` is not a valid `Ticket`: 1000 is not below 1000"
    );
    let bytes = encode(Fixed, &("a".to_owned(), Vec::<u64>::new(), 9u8)).unwrap();
    assert_eq!(
        decode::<Queue>(Fixed, &bytes).unwrap_err(),
        "cannot decode at offset 17: the value stored in `Queue.flags` is not a valid `Flags`: the function returned `None`"
    );
}

#[derive(StateType)]
#[state(name = "Point", remote = "other::Point")]
struct PointMirror {
    x: f64,
    #[state(alias = "north")]
    y: f64,
    #[state(as = LabelMirror)]
    label: Label,
}

#[derive(StateType)]
#[state(name = "Label", remote = "Label")]
struct LabelMirror(String, #[state(as = Option<Box<PointMirror>>)] Option<Box<Point>>);

#[derive(StateType)]
#[state(name = "Shape", remote = "Shape<T>")]
enum ShapeMirror<T> {
    Empty,
    Circle {
        #[state(as = PointMirror)]
        center: Point,
        radius: T,
    },
    Polygon(#[state(as = Vec<PointMirror>)] Vec<Point>, bool),
}

#[derive(Debug, PartialEq, StateType)]
struct Drawing {
    #[state(as = ShapeMirror<u32>)]
    first: Shape<u32>,
    #[state(as = BTreeMap<_, ShapeMirror<u32>>)]
    others: BTreeMap<u8, Shape<u32>>,
}

fn point(x: f64) -> Point {
    Point { x, y: 2.0, label: Label("p".to_owned(), None) }
}

#[test]
fn a_mirror_stores_the_fields_of_a_foreign_type() {
    let nested = Point { x: 1.0, y: 0.5, label: Label(String::new(), Some(Box::new(point(3.0)))) };
    let drawing = Drawing {
        first: Shape::Circle { center: nested, radius: 7 },
        others: [(1, Shape::Empty), (2, Shape::Polygon(vec![point(1.0), point(2.0)], true))].into(),
    };
    laws(&drawing);
    insta::assert_snapshot!(layout::<Drawing>());
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Key {
    #[state(text(canonical))]
    mail: Mail,
    #[state(as(u64, canonical))]
    ticket: Ticket,
    #[state(as(Option<u8>, into = Flags::bits, from = Flags::from_bits, canonical))]
    flags: Option<Flags>,
}

#[derive(Debug, Clone, PartialEq, StateType)]
#[state(text)]
struct Code(char, u8);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0, self.1)
    }
}

impl FromStr for Code {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letter = text.chars().next().unwrap_or(' ');
        Ok(Self(letter, text.get(letter.len_utf8()..).unwrap_or_default().parse()?))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, StateType)]
#[state(key, as((u16, u16), canonical))]
struct Cell {
    row: u16,
    column: u16,
}

impl From<&Cell> for (u16, u16) {
    fn from(cell: &Cell) -> Self {
        (cell.row, cell.column)
    }
}

impl From<(u16, u16)> for Cell {
    fn from((row, column): (u16, u16)) -> Self {
        Self { row, column }
    }
}

#[test]
fn keys_and_whole_types() {
    fn is_key<K: typeser::StateKey>() {}
    is_key::<Key>();
    is_key::<Cell>();
    laws(&Key { mail: mail("a@b"), ticket: ticket(3), flags: Flags::from_bits(2) });
    laws(&Code('x', 7));
    assert_eq!(encode(Variable, &Code('x', 7)).unwrap(), [2, b'x', b'7']);
    laws(&Cell { row: 1, column: 2 });
    assert_eq!(layout::<Cell>(), layout::<(u16, u16)>());
    assert!(layout::<Code>().contains("logical Code<string>"), "{}", layout::<Code>());
}

/// A type with parameters.
#[derive(Debug, PartialEq, StateType)]
struct Page<T, U> {
    #[state(text)]
    name: Named<T>,
    #[state(as = Vec<(u32, U)>)]
    rows: Vec<Row<U>>,
    #[state(text(Named<T>))]
    both: BTreeMap<String, (Named<T>, U)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Named<T>(T);

impl<T: fmt::Display> fmt::Display for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: FromStr> FromStr for Named<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Row<U>(u32, U);

impl<U> From<Row<U>> for (u32, U) {
    fn from(row: Row<U>) -> Self {
        (row.0, row.1)
    }
}

impl<U> From<(u32, U)> for Row<U> {
    fn from(row: (u32, U)) -> Self {
        Self(row.0, row.1)
    }
}

#[test]
fn types_with_parameters() {
    let page = Page {
        name: Named(7u8),
        rows: vec![Row(1, 'a'), Row(2, 'b')],
        both: [("x".to_owned(), (Named(8u8), 'c'))].into(),
    };
    laws(&page);
}

mod release_1 {
    #[derive(Debug, PartialEq, typeser::StateType)]
    pub struct Ticketed {
        pub mail: String,
        pub ticket: u32,
        pub note: Option<u64>,
    }
}

#[derive(Debug, PartialEq, StateType)]
struct Ticketed {
    #[state(text, convert(String, with = read_mail))]
    mail: Mail,
    #[state(as = u64)]
    ticket: Ticket,
    #[state(as = u64, none = ticket(0), alias = "note")]
    parent: Ticket,
    #[state(text, default = mail("nobody@here"))]
    owner: Mail,
}

fn read_mail(text: String) -> Result<Mail, &'static str> {
    text.parse()
}

#[test]
fn the_rules_apply_to_what_is_stored() {
    let rules = ["field-renamed", "field-converted", "none-replaced", "field-added", "integer-widened"];
    let values = [Some(5), None].map(|note| {
        (
            release_1::Ticketed { mail: "a@b".to_owned(), ticket: 4, note },
            Ticketed {
                mail: mail("a@b"),
                ticket: ticket(4),
                parent: ticket(note.unwrap_or(0)),
                owner: mail("nobody@here"),
            },
        )
    });
    expect(RequiresMigration, &rules).check(&values);
}

#[test]
fn a_string_becomes_a_text_only_by_a_function() {
    #[derive(Debug, PartialEq, StateType)]
    #[state(name = "Order")]
    struct Before {
        id: u32,
        mail: String,
    }
    expect(Incompatible, &["logical-changed"]).check::<Before, Order>(&[]);
}
