//! The average of every two values of a key, which Flink's "Working with State" begins with.
//!
//! ```sh
//! cargo run --example count_window_average
//! ```

use std::error::Error;
use std::io::Write;

use typeser_state::descriptor::{StateError, ValueStateDescriptor};
use typeser_state::function::{CheckpointedFunction, Context, Declarations, FunctionError, ProcessFunction};
use typeser_state::harness::{Harness, ProcessOperator};
use typeser_state::keyed::ValueState;

/// Two values of a key make a window; their average comes out, and the next window begins.
struct CountWindowAverage {
    /// How many values there are, and their sum.
    sum: ValueState<(i64, i64)>,
}

impl CountWindowAverage {
    fn new(states: &mut Declarations<i64>) -> Result<Self, StateError> {
        let sum = ValueStateDescriptor::new("average")?.with_default((0, 0));
        Ok(Self { sum: states.keyed_state().value_state(sum)? })
    }
}

/// All of its state is keyed, so it is part of every checkpoint automatically.
impl CheckpointedFunction for CountWindowAverage {
    type Key = i64;
}

impl ProcessFunction for CountWindowAverage {
    type In = (i64, i64);
    type Out = (i64, i64);

    fn process_element(
        &mut self,
        (key, value): (i64, i64),
        context: &mut Context<'_, Self>,
    ) -> Result<(), FunctionError> {
        let (count, sum) = self.sum.get(context.keyed_state)?.unwrap_or_default();
        let (count, sum) = (count + 1, sum + value);
        if count < 2 {
            self.sum.update(context.keyed_state, &(count, sum))?;
        } else {
            context.collect((key, sum / count));
            self.sum.clear(context.keyed_state)?;
        }
        Ok(())
    }
}

/// Runs the example and writes its output to `out`.
pub fn story(out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let averages = ProcessOperator::new("averages", CountWindowAverage::new).keyed_by(|(key, _)| *key);
    let mut harness = Harness::of(averages).open()?;
    harness.process_all([(1, 3), (1, 5), (1, 7), (1, 4), (1, 2)])?;
    for (key, average) in harness.take_output() {
        writeln!(out, "({key},{average})")?;
    }
    Ok(())
}

#[allow(dead_code, reason = "the test of this example includes it as a module, and calls the story")]
fn main() -> Result<(), Box<dyn Error>> {
    story(&mut std::io::stdout().lock())
}
