//! Keyed state, key groups, backends and savepoints on top of typeser: state that outlives the release of the program
//! that wrote it.
//!
//! A program declares its operators and their states, opens or restores them, and accesses them through typed handles.
//! Between two releases, state is kept in a savepoint: a directory in a stable format. A restore compares every state
//! with its declaration before it changes anything; then it copies the rows, migrating those whose layout has changed.
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
//! // Release 2: `delay` comes first, and the elements of the list are wider.
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
//! Terms and semantics follow Apache Flink's: operators are matched by [`uid`](keyed::Operator::new), keys are hashed
//! into [key groups](key_group), and a restore refuses stored state that the program does not declare, unless it is
//! configured to drop or retain that state. `docs/savepoint-format.md` specifies every byte of a savepoint.
//!
//! Values, lists, maps, reducing and aggregating state are [keyed state](keyed), as are [timers](timer). State without
//! keys is [operator state](operator). `docs/state.md` is the guide.
//!
//! [`function`] defines how the functions of a program take part in its checkpoints, and [`harness`] runs them in
//! tests; `docs/functions.md` is the guide to both.
//!
//! A program that has a database and no operators can open [typed tables](typed_table) in it.
//!
//! # Features
//! - `redb` (enabled by default): a [backend] in a redb file, and [typed tables](typed_table) in a redb database of the program.
//! - `fjall`: a [backend] on the fjall database, for write-heavy programs.

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
