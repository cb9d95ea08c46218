//! A history: up to five releases whose values lie side by side in one store, which one set of versions reads.

use typeser::report::Report;
use typeser::resolve::{Losses, Policy, Role, resolve};
use typeser::schema::{Limits, NodeId, Sizes};
use typeser::serializer::Describer;
use typeser::versions::{BuildVersionsError, Frame, Ids, Stored, StoredValueError, Tag, Versions};
use typeser::wire::{DecodeError, EncodeError, Integers, Reader, Writer};
use typeser::{Serializer, SerializerSnapshot, StateType};

use super::case::{Hex, has_constants};
use super::functions::FUNCTIONS;
use super::generate::Draft;
use super::laws::{Broken, Law, LawCounts};
use super::model::{Model, No, Verdict, Zone};
use super::source::Source;
use super::subject::Subject;
use super::value::{Layout, Value};

/// The largest number of releases before today's.
const RELEASES: usize = 4;
/// The number of values per release.
const VALUES: usize = 2;

/// The snapshots of today and of releases before, each of these with its name, and how values are stored.
#[derive(Debug, Clone)]
pub struct History {
    /// The releases before today's, the oldest first.
    pub(super) releases: Vec<(String, SerializerSnapshot)>,
    pub(super) today: SerializerSnapshot,
    pub(super) losses: Losses,
    frame: Frame,
}

/// The bytes of a value of any layout: what a set of versions reads is then the bytes that today's type would decode.
#[derive(Debug, PartialEq, Eq)]
pub struct AnyBytes(pub(super) Vec<u8>);

impl StateType for AnyBytes {
    const SIZES: Sizes = Sizes::UNKNOWN;

    /// Not used: the serializer claims another snapshot.
    fn describe(to: &mut Describer) -> NodeId {
        u8::describe(to)
    }

    fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
        self.0.iter().try_for_each(|byte| byte.encode(to))
    }

    fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
        let all = from.remaining();
        Ok(Self(from.take_slice(all)?.to_vec()))
    }
}

/// Checks a random history.
///
/// # Errors
/// The first law that does not hold.
pub(super) fn check(subject: &dyn Subject, source: &mut Source, laws: &mut LawCounts) -> Result<(), Broken> {
    let Some(history) = History::made(source) else { return Ok(()) };
    let (readable, others): (Vec<_>, Vec<_>) =
        history.releases.iter().cloned().partition(|(_, stored)| history.verdict(stored) != Verdict::Incompatible);
    if !others.is_empty() {
        let refused = subject.versions(&history);
        let names: Vec<_> = others.iter().map(|(name, _)| format!("release {name}")).collect();
        let is_refused = match &refused {
            Err(BuildVersionsError::Incompatible(reports)) => {
                reports.reports().iter().filter_map(Report::origin).eq(names.iter().map(String::as_str))
            }
            _ => false,
        };
        laws.check(Law::Side, is_refused, || format!("{names:?} are incompatible: {refused:?}"))?;
    }
    let history = History { releases: readable, ..history };
    let built = subject.versions(&history);
    laws.check(Law::Side, built.is_ok(), || format!("all releases can be read, but: {built:?}"))?;
    let Ok(versions) = built else { return Ok(()) };
    let mut store = Store { history: &history, versions: &versions, subject, laws, items: Vec::new(), unreadable: 0 };
    for (name, stored) in &history.releases {
        for value in values(stored, source) {
            store.check_value(name, stored, &value)?;
        }
    }
    for value in values(&history.today, source) {
        store.check_todays(&value)?;
    }
    for (name, stored) in &others {
        for value in values(stored, source) {
            store.check_unknown(name, stored, &value)?;
        }
    }
    store.check_survey()
}

/// Random values of a layout.
fn values(snapshot: &SerializerSnapshot, source: &mut Source) -> Vec<Value> {
    let layout = Layout::of(snapshot);
    // Values of an endless layout do not end.
    let count = if layout.is_endless() { 0 } else { VALUES };
    (0..count).map_while(|_| layout.value(NodeId::ROOT, source)).collect()
}

impl History {
    /// The history for these choices; `None` if they give no valid snapshots.
    fn made(source: &mut Source) -> Option<Self> {
        let mut draft = Draft::random(source);
        let mut releases = Vec::new();
        for number in 0..1 + source.below(RELEASES) {
            releases.extend(draft.snapshot(source).map(|snapshot| (format!("<{number}>"), snapshot)));
            draft = draft.evolved(source);
        }
        let today = draft.snapshot(source)?;
        if Layout::of(&today).is_endless() && has_constants(&today) {
            return None;
        }
        let losses = if source.one_in(8) { Losses::Any } else { Losses::Declared };
        let snapshots = releases.iter().map(|(_, snapshot)| snapshot).chain([&today]);
        // Numbers of one byte, and of three.
        let ids: Ids = snapshots.zip(0..).map(|(snapshot, at)| (at * 200, snapshot.fingerprint())).collect();
        let short = Frame::Short(ids.clone());
        let frames = [Frame::Fingerprint, short, Frame::Confluent(ids), Frame::OutOfBand, Frame::SelfDescribing];
        let frame = source.pick(&frames).clone();
        Some(Self { releases, today, losses, frame })
    }

    /// The set of versions of all releases.
    pub(super) fn build(&self) -> Result<Versions<AnyBytes>, BuildVersionsError> {
        let today = Serializer::<AnyBytes>::claiming(self.today.clone(), FUNCTIONS.clone());
        let builder = Versions::builder(today)
            .frame(self.frame.clone())
            .policy(Policy { losses: self.losses, ..Policy::default() });
        let releases = self.releases.iter().cloned();
        releases.fold(builder, |builder, (name, snapshot)| builder.release(name, snapshot)).build()
    }

    fn model<'a>(&'a self, stored: &'a SerializerSnapshot) -> Model<'a> {
        Model::new(stored, &self.today, Zone::Free).with_policy(self.losses == Losses::Any, false)
    }

    fn verdict(&self, stored: &SerializerSnapshot) -> Verdict {
        self.model(stored).verdict()
    }

    /// Whether reading calls functions of the program, whose results may have sets and maps in another order.
    fn calls_functions(&self, stored: &SerializerSnapshot) -> bool {
        let policy = Policy { losses: self.losses, ..Policy::default() };
        !resolve(stored, &self.today, Role::Value, &policy).functions().is_empty()
    }

    /// What is stored in front of a value, according to the page about the format; nothing if the tag lies beside it.
    fn front(&self, snapshot: &SerializerSnapshot) -> Vec<u8> {
        let fingerprint = snapshot.fingerprint();
        let id = |ids: &Ids| ids.id(fingerprint).unwrap_or_default();
        match &self.frame {
            Frame::Fingerprint => [&[0xF8, b'T'][..], &fingerprint.0.to_be_bytes()[..8]].concat(),
            Frame::Short(ids) => match id(ids) {
                id @ 0..=250 => vec![id as u8],
                id => [&[251][..], &(id as u16).to_le_bytes()].concat(),
            },
            Frame::Confluent(ids) => [&[0][..], &id(ids).to_be_bytes()].concat(),
            Frame::SelfDescribing => snapshot.to_bytes().unwrap_or_default(),
            _ => Vec::new(),
        }
    }
}

/// The bytes with sets and maps within elements and keys in order.
fn sorted(snapshot: &SerializerSnapshot, bytes: &[u8]) -> Option<Vec<u8>> {
    let layout = Layout::of(snapshot);
    let value = layout.distinct().decode(NodeId::ROOT, bytes).ok()?;
    layout.sorted_within().encode(NodeId::ROOT, &value)
}

/// A stored value: what is in front of it together with its bytes, and the tag of its layout.
struct Item {
    framed: Vec<u8>,
    tag: Tag,
}

/// The values that were checked, of all releases.
struct Store<'a> {
    history: &'a History,
    versions: &'a Versions<AnyBytes>,
    subject: &'a dyn Subject,
    laws: &'a mut LawCounts,
    items: Vec<Item>,
    /// How many of them cannot be read.
    unreadable: u64,
}

impl Store<'_> {
    /// A value of a known release is read, and upgraded, as today's value.
    fn check_value(&mut self, name: &str, stored: &SerializerSnapshot, value: &Value) -> Result<(), Broken> {
        let (item, read) = self.store(stored, value);
        let which = self.versions.which(self.stored(&item));
        let is_named = which.as_ref().is_ok_and(|which| which.iter().any(|known| known == name));
        self.check(is_named, || format!("release {name} wrote {value}, but it is said to be of {which:?}"))?;
        let mut upgraded = b"before".to_vec();
        let is_upgraded = self.versions.upgrade(self.stored(&item), &mut upgraded).is_ok();
        let is = self.history.model(stored).migrate(value);
        let today = &self.history.today;
        let (holds, upgrades) = match &is {
            Err(No::Refused) => {
                (matches!(read, Err(StoredValueError::Value { .. })), !is_upgraded && upgraded == b"before")
            }
            Err(_) => (false, false),
            // Options around nested values can exceed the depth limit, which other laws are about.
            Ok(is) if is.levels() > Limits::DEPTH => (true, true),
            Ok(is) => {
                let wanted = Layout::of(today).encode(NodeId::ROOT, is).unwrap_or_default();
                let loose = self.history.calls_functions(stored);
                let is_wanted = |read: &[u8]| read == wanted || loose && sorted(today, read) == sorted(today, &wanted);
                let front = [b"before", &*self.history.front(today)].concat();
                let upgrades = upgraded.strip_prefix(&*front).is_some_and(is_wanted);
                (read.as_ref().is_ok_and(|read| is_wanted(&read.0)), upgrades)
            }
        };
        let words = |what: String| {
            let (frame, stored, today) = (&self.history.frame, stored.to_text(), today.to_text());
            let is = is.as_ref().map(ToString::to_string);
            format!("{value} of release {name}, under {frame:?}, {what}, not {is:?}\n{stored}\n{today}")
        };
        let checks = [
            (holds, words(format!("becomes {read:?}"))),
            (upgrades, words(format!("is upgraded to {}", Hex(&upgraded)))),
        ];
        checks.into_iter().try_for_each(|(holds, words)| self.check(holds, || words))?;
        self.unreadable += u64::from(read.is_err());
        self.items.push(item);
        Ok(())
    }

    /// Today's value is written in its frame, and read.
    fn check_todays(&mut self, value: &Value) -> Result<(), Broken> {
        let today = &self.history.today;
        let (item, read) = self.store(today, value);
        let bytes = Layout::of(today).encode(NodeId::ROOT, value).unwrap_or_default();
        let written = self.versions.encode(&AnyBytes(bytes.clone()));
        let holds = written.as_ref() == Ok(&item.framed) && read == Ok(AnyBytes(bytes));
        self.check(holds, || format!("today's {value} is written as {written:?} and read as {read:?}"))?;
        self.items.push(item);
        Ok(())
    }

    /// A value of a release that the set does not know is refused.
    fn check_unknown(&mut self, name: &str, stored: &SerializerSnapshot, value: &Value) -> Result<(), Broken> {
        let mut known = self.history.releases.iter().map(|(_, snapshot)| snapshot).chain([&self.history.today]);
        if known.any(|known| known.fingerprint() == stored.fingerprint()) {
            return Ok(());
        }
        let (item, read) = self.store(stored, value);
        let is_refused =
            matches!(read, Err(StoredValueError::UnknownRelease { .. } | StoredValueError::NotReadable(_)));
        self.check(is_refused, || format!("{value} of the unknown release {name} becomes {read:?}"))?;
        self.unreadable += 1;
        self.items.push(item);
        Ok(())
    }

    /// The survey counts as many values as can be read.
    fn check_survey(&mut self) -> Result<(), Broken> {
        let survey = self.versions.survey(self.items.iter().map(|item| self.stored(item)));
        let values = survey.layouts.iter().map(|layout| layout.values).sum::<u64>();
        let (stored, unreadable) = (self.items.len() as u64, self.unreadable);
        let holds = (values, survey.unreadable) == (stored - unreadable, unreadable);
        self.check(holds, || format!("of {stored} values {unreadable} cannot be read: {survey:?}"))
    }

    /// Stores a value as a release did, and reads it.
    fn store(&self, snapshot: &SerializerSnapshot, value: &Value) -> (Item, Result<AnyBytes, StoredValueError>) {
        let bytes = Layout::of(snapshot).encode(NodeId::ROOT, value).unwrap_or_default();
        let framed = [self.history.front(snapshot), bytes].concat();
        let item = Item { framed, tag: Tag::of(snapshot.fingerprint()) };
        let read = self.subject.read(self.versions, self.stored(&item));
        (item, read)
    }

    fn stored<'a>(&self, item: &'a Item) -> Stored<'a> {
        match self.history.frame {
            Frame::OutOfBand => Stored::Tagged { tag: &item.tag.0, value: &item.framed },
            _ => Stored::Framed(&item.framed),
        }
    }

    fn check(&mut self, holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
        self.laws.check(Law::Side, holds, words)
    }
}
