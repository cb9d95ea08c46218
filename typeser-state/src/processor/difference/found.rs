//! The differences of two savepoints: counted by state, or one after the other.

use std::cmp::Ordering;
use std::fmt;

use super::not_compared::NotCompared;
use super::pair::{Pair, Pass, passes};
use super::side::Side;
use crate::descriptor::StateKind;
use crate::processor::error::read::ReadStateError;
use crate::processor::query::entry::Entry;
use crate::processor::query::filter::Query;
use crate::savepoint::Savepoint;

/// Compares two savepoints row by row: what was added, removed and changed.
///
/// Rows of states of the same operator and name belong together if their key, namespace and place are the same. If the
/// types of the values differ, the value of the savepoint before is migrated first, so that a change of types alone is
/// no difference; where that needs a function of the program, the values are compared as they are. The times of last
/// writes are not compared. Both savepoints are read as streams.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (before, after) = (folder.path().join("before"), folder.path().join("after"));
/// use typeser_state::backend::MemoryBackend;
/// use typeser_state::keyed::Operator;
/// use typeser_state::processor::{Difference, Differences, Query};
/// use typeser_state::savepoint::Savepoint;
///
/// let mut operator = Operator::<String>::new("flights-by-tail")?;
/// let departures = operator.value::<u32>("departures")?;
/// let mut state = operator.open(MemoryBackend::new())?;
/// state.set_current_key(&"N14228".to_owned())?;
/// departures.update(&mut state, &111)?;
/// let before = Savepoint::create(before)?.operator(&state)?.finish()?;
/// departures.update(&mut state, &112)?;
/// let after = Savepoint::create(after)?.operator(&state)?.finish()?;
///
/// let differences = Differences::new(&before, &after, &Query::new())?;
/// let counts = differences.count()?;
/// assert_eq!((counts[0].added, counts[0].removed, counts[0].changed), (0, 0, 1));
/// for difference in differences.iter() {
///     let Difference::Changed { before, after } = difference? else { continue };
///     assert_eq!((before.value.to_string(), after.value.to_string()), ("111".to_owned(), "112".to_owned()));
/// }
/// # Ok(())
/// # }
/// ```
pub struct Differences<'a> {
    before: &'a Savepoint,
    after: &'a Savepoint,
    query: Query,
    passes: Vec<Pass<'a>>,
}

/// A row that is not the same in two savepoints.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "one at a time exists")]
pub enum Difference<'a> {
    /// Only the savepoint after has it.
    Added(Entry<'a>),
    /// Only the savepoint before has it.
    Removed(Entry<'a>),
    /// Both have it, with different values.
    Changed {
        /// As the savepoint before has it.
        before: Entry<'a>,
        /// As the savepoint after has it.
        after: Entry<'a>,
    },
}

/// How many rows of a state differ between two savepoints.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateDifferences<'a> {
    /// The uid of the operator.
    pub operator: &'a str,
    /// The name of the state.
    pub state: &'a str,
    /// Which savepoints have the state.
    pub found_in: FoundIn,
    /// Rows that only the savepoint after has.
    pub added: u64,
    /// Rows that only the savepoint before has.
    pub removed: u64,
    /// Rows whose values differ.
    pub changed: u64,
    /// Rows that are the same.
    pub unchanged: u64,
    /// What the state is, in the savepoint after if it has it.
    pub kind: StateKind,
    /// Why rows of the two savepoints cannot be paired. Then no row is counted.
    pub not_compared: Option<NotCompared>,
}

/// Which of two savepoints have a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundIn {
    /// Only the savepoint before.
    Before,
    /// Only the savepoint after.
    After,
    /// Both.
    Both,
}

impl<'a> Differences<'a> {
    /// Pairs the states of two savepoints. The query selects what is compared.
    ///
    /// # Errors
    /// The query names an operator, a state or a key group that neither savepoint has.
    pub fn new(before: &'a Savepoint, after: &'a Savepoint, query: &Query) -> Result<Self, ReadStateError> {
        let passes = passes(before, after, query);
        // Where neither has what is asked for, the error says what there is instead.
        if let (Err(error), Err(later)) = (query.operators(before), query.operators(after)) {
            return Err(match later {
                ReadStateError::NoSuchOperator { .. } => error,
                later => later,
            });
        }
        Ok(Self { before, after, query: query.clone(), passes })
    }

    /// Counts the differences of each state, in the order of operators and states. No value is created.
    ///
    /// # Errors
    /// A file cannot be read, or is damaged.
    pub fn count(&self) -> Result<Vec<StateDifferences<'a>>, ReadStateError> {
        let mut counts = Vec::new();
        for pass in &self.passes {
            let mut of_pass: Vec<_> = pass.pairs.iter().map(StateDifferences::none).collect();
            let mut stream = self.stream(pass)?;
            while let Some((pair, found)) = stream.step(pass)? {
                of_pass[pair].add(found);
            }
            counts.append(&mut of_pass);
        }
        Ok(counts)
    }

    /// The differences, one after the other. After an error there is nothing more.
    #[must_use]
    pub fn iter(&self) -> DifferenceIter<'_, 'a> {
        DifferenceIter { of: self, passes: self.passes.iter(), current: None, failed: false }
    }

    fn stream(&self, pass: &Pass<'a>) -> Result<Stream<'a>, ReadStateError> {
        let before = Side::new(self.before, pass.before, pass.ids(|pair| pair.before), &self.query)?;
        let after = Side::new(self.after, pass.after, pass.ids(|pair| pair.after), &self.query)?;
        Ok(Stream { before, after, advance: (true, true) })
    }
}

impl<'a, 'b> IntoIterator for &'b Differences<'a> {
    type Item = Result<Difference<'a>, ReadStateError>;
    type IntoIter = DifferenceIter<'b, 'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Differences<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Differences")
            .field("before", &self.before.path())
            .field("after", &self.after.path())
            .finish_non_exhaustive()
    }
}

impl<'a> StateDifferences<'a> {
    fn none(pair: &Pair<'a>) -> Self {
        let found_in = match (pair.before, pair.after) {
            (Some(_), None) => FoundIn::Before,
            (None, _) => FoundIn::After,
            (Some(_), Some(_)) => FoundIn::Both,
        };
        let (added, removed, changed, unchanged) = (0, 0, 0, 0);
        let (kind, not_compared) = (pair.kind, pair.not_compared.clone());
        let (operator, state) = (pair.operator, pair.state);
        Self { operator, state, found_in, kind, added, removed, changed, unchanged, not_compared }
    }

    fn add(&mut self, found: Found) {
        *match found {
            Found::Added => &mut self.added,
            Found::Removed => &mut self.removed,
            Found::Changed => &mut self.changed,
            Found::Same => &mut self.unchanged,
        } += 1;
    }

    /// Whether a row is added, removed or changed.
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.added + self.removed + self.changed > 0
    }
}

/// The differences of two savepoints, one after the other. [`Differences::iter`] gives it.
pub struct DifferenceIter<'b, 'a> {
    of: &'b Differences<'a>,
    passes: std::slice::Iter<'b, Pass<'a>>,
    current: Option<(&'b Pass<'a>, Stream<'a>)>,
    failed: bool,
}

impl<'a> Iterator for DifferenceIter<'_, 'a> {
    type Item = Result<Difference<'a>, ReadStateError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.find();
        self.failed = next.is_err();
        next.transpose()
    }
}

impl<'a> DifferenceIter<'_, 'a> {
    fn find(&mut self) -> Result<Option<Difference<'a>>, ReadStateError> {
        loop {
            let Some((pass, stream)) = &mut self.current else {
                let Some(pass) = self.passes.next() else { return Ok(None) };
                self.current = Some((pass, self.of.stream(pass)?));
                continue;
            };
            let Some((pair, found)) = stream.step(pass)? else {
                self.current = None;
                continue;
            };
            let pair = &pass.pairs[pair];
            let (before, after) = (|| stream.before.entry(pair.before), || stream.after.entry(pair.after));
            match found {
                Found::Same => continue,
                Found::Added => return Ok(after()?.map(Difference::Added)),
                Found::Removed => return Ok(before()?.map(Difference::Removed)),
                Found::Changed => {
                    let both = before()?.zip(after()?);
                    return Ok(both.map(|(before, after)| Difference::Changed { before, after }));
                }
            }
        }
    }
}

impl fmt::Debug for DifferenceIter<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DifferenceIter").field("of", &self.of).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Added,
    Removed,
    Changed,
    Same,
}

/// The rows of both savepoints in one order.
struct Stream<'a> {
    before: Side<'a>,
    after: Side<'a>,
    /// Which side goes on at the next step.
    advance: (bool, bool),
}

impl<'a> Stream<'a> {
    /// The next row of either side: the number of its pair of states, and what was found. The sides hold it until the
    /// next step.
    fn step(&mut self, pass: &Pass<'a>) -> Result<Option<(usize, Found)>, ReadStateError> {
        if self.advance.0 {
            self.before.advance()?;
        }
        if self.advance.1 {
            self.after.advance()?;
        }
        let (before, after) = (self.before.held(), self.after.held());
        let order = match (before, after) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(before), Some(after)) => before.order.cmp(&after.order),
        };
        self.advance = (order.is_le(), order.is_ge());
        Ok(match (order, before, after) {
            (Ordering::Less, Some(before), _) => Some((before.pair, Found::Removed)),
            (Ordering::Greater, _, Some(after)) => Some((after.pair, Found::Added)),
            (_, Some(before), Some(after)) => {
                let same = pass.pairs[before.pair].is_same(&before.value, &after.value);
                Some((before.pair, if same { Found::Same } else { Found::Changed }))
            }
            _ => None,
        })
    }
}
