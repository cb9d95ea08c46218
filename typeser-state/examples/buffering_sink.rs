//! A sink that sends elements in batches, and what becomes of the unsent ones when the parallelism changes.
//!
//! ```sh
//! cargo run --example buffering_sink
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;

use typeser_state::descriptor::StateError;
use typeser_state::function::{
    CheckpointedFunction, Context, Declarations, FunctionError, InitializationContext, ProcessFunction, SnapshotContext,
};
use typeser_state::harness::{Harness, HarnessSetup, ProcessOperator};
use typeser_state::operator::{SplitList, UnionList};
use typeser_state::restore::RestoreOptions;

type Element = (String, i32);

/// Buffers elements, and sends them when there are enough of them.
struct BufferingSink {
    threshold: usize,
    buffered: Vec<Element>,
    /// What of the buffer is in the last checkpoint, by one of two ways of sharing it out.
    checkpointed: Checkpointed,
}

/// How the lists of all instances are shared out when their number changes.
#[derive(Clone, Copy)]
enum Checkpointed {
    /// Each gets an even part.
    Split(SplitList<Element>),
    /// Each gets the whole, and has to know what of it is its own.
    Union(UnionList<Element>),
}

impl BufferingSink {
    fn split(states: &mut Declarations<()>) -> Result<Self, StateError> {
        let list = states.operator_state().split_list("buffered-elements")?;
        Ok(Self { threshold: 3, buffered: Vec::new(), checkpointed: Checkpointed::Split(list) })
    }

    fn union(states: &mut Declarations<()>) -> Result<Self, StateError> {
        let list = states.operator_state().union_list("buffered-elements")?;
        Ok(Self { threshold: 3, buffered: Vec::new(), checkpointed: Checkpointed::Union(list) })
    }
}

impl CheckpointedFunction for BufferingSink {
    type Key = ();

    fn snapshot_state(&mut self, context: &mut SnapshotContext<'_, ()>) -> Result<(), FunctionError> {
        match self.checkpointed {
            Checkpointed::Split(list) => list.update(context.operator_state, &self.buffered)?,
            Checkpointed::Union(list) => list.update(context.operator_state, &self.buffered)?,
        }
        Ok(())
    }

    fn initialize_state(&mut self, context: &mut InitializationContext<'_, ()>) -> Result<(), FunctionError> {
        if !context.is_restored() {
            return Ok(());
        }
        let state = &mut *context.operator_state;
        self.buffered = match self.checkpointed {
            Checkpointed::Split(list) => list.get(state)?,
            Checkpointed::Union(list) => {
                let (instance, parallelism) = (state.instance(), state.parallelism());
                let own = |number: i32| number.rem_euclid(parallelism.cast_signed()) == instance.cast_signed();
                list.get(state)?.into_iter().filter(|(_, number)| own(*number)).collect()
            }
        };
        Ok(())
    }
}

impl ProcessFunction for BufferingSink {
    type In = Element;
    /// A batch, on its way to the outside world.
    type Out = Vec<Element>;

    fn process_element(&mut self, element: Element, context: &mut Context<'_, Self>) -> Result<(), FunctionError> {
        self.buffered.push(element);
        if self.buffered.len() >= self.threshold {
            context.collect(std::mem::take(&mut self.buffered));
        }
        Ok(())
    }
}

type Make = fn(&mut Declarations<()>) -> Result<BufferingSink, StateError>;

fn sink(make: Make) -> HarnessSetup<ProcessOperator<BufferingSink>> {
    Harness::of(ProcessOperator::new("sink", make))
}

fn report(
    what: &str,
    harness: &mut Harness<ProcessOperator<BufferingSink>>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out, "  {what}")?;
    for batch in harness.take_output() {
        writeln!(out, "    sent          {}", list(&batch))?;
    }
    for (instance, function) in harness.operators().functions().enumerate() {
        writeln!(out, "    instance {instance} has {}", list(&function.buffered))?;
    }
    Ok(())
}

fn list(elements: &[Element]) -> String {
    match elements {
        [] => "nothing".to_owned(),
        elements => elements.iter().map(|(name, number)| format!("{name}{number}")).collect::<Vec<_>>().join(" "),
    }
}

/// Runs the example and writes its output to `out`.
pub fn story(folder: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let elements = |numbers: std::ops::Range<i32>| numbers.map(|number| ("e".to_owned(), number));
    let ways: [(&str, &str, Make); 2] = [
        ("Even-split redistribution", "split", BufferingSink::split),
        ("Union redistribution, of which each instance keeps its own", "union", BufferingSink::union),
    ];
    for (title, name, make) in ways {
        writeln!(out, "{title}")?;
        let mut harness = sink(make).with_parallelism(2).open()?;
        harness.process_all(elements(1..11))?;
        report("ten elements, two instances, batches of three", &mut harness, out)?;
        let savepoint = harness.take_savepoint(folder.join(name))?;

        for parallelism in [1, 3] {
            let mut harness = sink(make).with_parallelism(parallelism).restore(&savepoint, &RestoreOptions::new())?;
            report(&format!("restored with a parallelism of {parallelism}"), &mut harness, out)?;
            harness.process_all(elements(11..14))?;
            report("three elements more", &mut harness, out)?;
        }
    }
    Ok(())
}

#[allow(dead_code, reason = "the test of this example includes it as a module, and calls the story")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    story(folder.path(), &mut std::io::stdout().lock())
}
