//! Keyed state, key groups, backends and savepoints on top of typeser: state that survives new releases of its program.
//!
//! A program declares its operators and their states, opens or restores them, and works with typed handles. What it
//! keeps between two releases is a savepoint: a directory in a format of our own. A restore looks at every state before
//! it touches any, and then carries all of them over: as they are, or migrated while they stream.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let directory = folder.path().join("before-release-2");
//! use typeser::StateType;
//! use typeser_state::backend::MemoryBackend;
//! use typeser_state::keyed::Operator;
//! use typeser_state::restore::RestoreOptions;
//! use typeser_state::savepoint::Savepoint;
//!
//! #[derive(StateType, Debug, PartialEq)]
//! struct Totals {
//!     departures: u32,
//!     delay: i64,
//! }
//!
//! // Release 1: declare all states, open, work, take a savepoint.
//! let mut operator = Operator::<String>::new("flights-by-tail")?;
//! let totals = operator.value::<Totals>("totals")?;
//! let recent = operator.list::<i16>("recent-delays")?;
//! let by_destination = operator.map::<String, u32>("destinations")?;
//!
//! let mut state = operator.open(MemoryBackend::new())?;
//! state.set_current_key(&"N14228".to_owned())?;
//! totals.update(&mut state, &Totals { departures: 1, delay: 2 })?;
//! recent.add(&mut state, &2)?;
//! by_destination.put(&mut state, &"IAH".to_owned(), &1)?;
//! Savepoint::create(&directory)?.operator(&state)?.finish()?;
//!
//! // Release 2: `delay` stands first, and the delays have become wider.
//! mod release_2 {
//!     #[derive(typeser::StateType, Debug, PartialEq)]
//!     pub struct Totals {
//!         pub delay: i64,
//!         pub departures: u32,
//!     }
//! }
//! let mut operator = Operator::<String>::new("flights-by-tail")?;
//! let totals = operator.value::<release_2::Totals>("totals")?;
//! let recent = operator.list::<i32>("recent-delays")?;
//! operator.map::<String, u32>("destinations")?;
//!
//! let savepoint = Savepoint::open(&directory)?;
//! let plan = operator.plan(&savepoint, &RestoreOptions::new())?;
//! let verdicts: Vec<String> = plan.states().iter().map(|state| state.verdict().to_string()).collect();
//! assert_eq!(verdicts, ["compatible after reconfigure", "requires migration", "compatible"]);
//!
//! let mut state = plan.run(MemoryBackend::new(), &mut |_progress| ())?;
//! state.set_current_key(&"N14228".to_owned())?;
//! assert_eq!(totals.get(&mut state)?, Some(release_2::Totals { delay: 2, departures: 1 }));
//! assert_eq!(recent.get(&mut state)?, [2]);
//! # Ok(())
//! # }
//! ```
//!
//! Terms and semantics follow Apache Flink's: operators are matched by [`uid`](keyed::Operator::new), keys fall into
//! [key groups](key_group), and stored state that finds no place is refused unless the program says otherwise. Every
//! byte of a savepoint is drawn in `docs/savepoint-format.md`.
//!
//! Values, lists, maps and what sums up are [keyed state](keyed), with [timers](timer); what belongs to no key is the state
//! of an [operator itself](operator). `docs/state.md` is the guide.
//!
//! How the functions of a program take part in its checkpoints, and a harness that drives them in tests, is in
//! [`function`] and [`harness`]; `docs/functions.md` leads through both.
//!
//! Who has a database and no operators opens [typed tables](typed_table) in it.
//!
//! # Features
//! - `fjall`: the [backend] over the database of that name, for much writing.

pub mod backend;
pub mod descriptor;
pub mod function;
pub mod harness;
pub mod key_group;
pub mod keyed;
pub mod operator;
pub mod processor;
pub mod restore;
mod row;
mod rows;
pub mod savepoint;
pub mod timer;
pub mod typed_table;

/// The examples of the README are compiled and run: here, where all that they use is at hand.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The examples of the page about state are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/state.md")]
struct State;

/// The examples of the page about typed tables are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/typed-tables.md")]
struct TypedTables;

/// The examples of the page about the state processor are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/state-processor.md")]
struct StateProcessor;

/// The examples of the page about functions are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/functions.md")]
struct Functions;

/// The examples of the page about savepoints and upgrades are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../docs/savepoints-and-upgrades.md")]
struct SavepointsAndUpgrades;
