//! Running counts of words by `MapWithState`, Flink's `mapWithState`: before an upgrade, and after it.
//!
//! ```sh
//! cargo run --example map_with_state
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;

use typeser::StateType;
use typeser_state::function::MapWithState;
use typeser_state::harness::{Harness, HarnessSetup, Operators, ProcessOperator};
use typeser_state::restore::RestoreOptions;

/// What comes in: a word, and how often. What comes out: the word, and how often it had come before.
type Element = (String, u32);

/// The operator, with counts of a type that one release may choose otherwise than another.
fn counts<C>() -> HarnessSetup<impl Operators<In = Element, Out = (String, u64)>>
where
    C: StateType + Copy + Default + From<u32> + Into<u64> + std::ops::Add<Output = C>,
{
    let counts = ProcessOperator::new("counts", |states| {
        MapWithState::new(states, "count", |(word, n): Element, count: Option<C>| match count {
            Some(count) => ((word, count.into()), Some(count + C::from(n))),
            None => ((word, 0), Some(C::from(n))),
        })
    });
    Harness::of(counts.keyed_by(|(word, _)| word.clone()))
}

fn element((word, n): (&str, u32)) -> Element {
    (word.to_owned(), n)
}

/// Runs the example and writes its output to `out`.
pub fn story(savepoint: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    writeln!(out, "Release 1 counts in u32, with one instance:")?;
    let mut harness = counts::<u32>().open()?;
    harness.process_all([("to", 1), ("be", 1), ("or", 1), ("not", 1), ("to", 3), ("be", 4)].map(element))?;
    for (word, before) in harness.take_output() {
        writeln!(out, "  {word} {before}")?;
    }
    let savepoint = harness.take_savepoint(savepoint)?;

    writeln!(out, "Release 2 goes on in u64, with three instances:")?;
    let mut harness = counts::<u64>().with_parallelism(3).restore(&savepoint, &RestoreOptions::new())?;
    harness.process_all([("to", u32::MAX), ("be", 1), ("to", 1), ("sleep", 1)].map(element))?;
    for (word, before) in harness.take_output() {
        writeln!(out, "  {word} {before}")?;
    }
    Ok(())
}

#[allow(dead_code, reason = "the test of this example includes it as a module, and calls the story")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    story(&folder.path().join("release-1"), &mut std::io::stdout().lock())
}
