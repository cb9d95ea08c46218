//! A worker of timely: it owns a range of key groups, and the state of every aircraft in them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use timely::container::CapacityContainerBuilder;
use timely::dataflow::channels::pact::Exchange;
use timely::dataflow::operators::generic::operator::Operator as _;
use timely::dataflow::operators::{Input as _, Probe as _};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;
use typeser_state::backend::MemoryBackend;
use typeser_state::key_group::{KeyGroupRange, MaxParallelism};
use typeser_state::keyed::KeyedStateBackend;
use typeser_state::operator::{OperatorStateStore, OperatorStates, UnionList};
use typeser_state::restore::{RestoreOptions, StatePlan};
use typeser_state::savepoint::Savepoint;

use crate::Outcome;
use crate::data::{Flight, Flights};
use crate::program::{NO_TAIL_NUMBER, OPERATOR, Program, Release};
use crate::savepoint::SharedSavepoint;

/// The uid of the operator that reads the data. Its state is the position in the data.
pub const SOURCE: &str = "flights-source";

/// The number of departures per timestamp. Savepoints are taken between two timestamps.
const EPOCH: u64 = 10_000;

/// The task of a release, and its number of workers.
pub struct Task {
    pub workers: usize,
    pub data: PathBuf,
    /// The savepoint to restore.
    pub from: Option<PathBuf>,
    /// The number of departures after which a savepoint is taken while reading continues.
    pub savepoint: Option<(u64, PathBuf)>,
    /// The number of departures after which the release ends.
    pub end: Option<u64>,
    /// The savepoint at the end.
    pub last_savepoint: Option<PathBuf>,
}

/// A departure on its way from the worker that read it to the one that counts it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Departure {
    /// The worker that owns its aircraft.
    owner: u32,
    /// Its position in the data.
    number: u64,
    month: String,
    tail: Option<String>,
    destination: String,
    departure_delay: Option<i16>,
    arrival_delay: Option<i16>,
    air_time: Option<u16>,
    distance: u16,
}

impl Departure {
    fn new(owner: u32, number: u64, flight: &Flight<'_>) -> Self {
        Self {
            owner,
            number,
            month: flight.month.to_owned(),
            tail: flight.tail.map(str::to_owned),
            destination: flight.destination.to_owned(),
            departure_delay: flight.departure_delay,
            arrival_delay: flight.arrival_delay,
            air_time: flight.air_time,
            distance: flight.distance,
        }
    }

    fn flight(&self) -> Flight<'_> {
        Flight {
            month: &self.month,
            tail: self.tail.as_deref(),
            destination: &self.destination,
            departure_delay: self.departure_delay,
            arrival_delay: self.arrival_delay,
            air_time: self.air_time,
            distance: self.distance,
        }
    }
}

/// Runs a release on its workers, from its start to its end.
pub fn run<R: Release<Key = String> + 'static>(task: Task) -> Outcome<()> {
    let workers = task.workers;
    let shared = |path: &PathBuf| Arc::new(SharedSavepoint::new(path.clone(), workers));
    let savepoint = task.savepoint.as_ref().map(|(after, path)| (*after, shared(path)));
    let last = task.last_savepoint.as_ref().map(shared);
    let guards = timely::execute(timely::Config::process(workers), move |worker| {
        work::<R>(worker, &task, savepoint.clone(), last.as_deref())
    })?;
    let reports = guards.join().into_iter().map(|outcome| outcome?).collect::<Outcome<Vec<Report>>>()?;
    for verdict in reports.iter().flat_map(|report| &report.restored) {
        println!("  restores   {verdict}");
    }
    for (worker, Report { key_groups, counted, .. }) in reports.iter().enumerate() {
        println!("  worker {worker}   owns key groups {key_groups}, and counts {counted} departures");
    }
    let mut savepoints: Vec<&(u64, String)> = reports.iter().flat_map(|report| &report.savepoints).collect();
    savepoints.sort();
    for (after, name) in savepoints {
        println!("  savepoint  \"{name}\", of all workers, after {after} departures");
    }
    Ok(())
}

/// The report of a worker.
#[derive(Clone)]
struct Report {
    key_groups: KeyGroupRange,
    /// The verdicts of its restore, if it is the first one.
    restored: Vec<String>,
    counted: u64,
    /// The savepoints that it finished.
    savepoints: Vec<(u64, String)>,
}

/// Runs one worker.
fn work<R: Release<Key = String> + 'static>(
    worker: &mut Worker,
    task: &Task,
    savepoint: Option<(u64, Arc<SharedSavepoint>)>,
    last: Option<&SharedSavepoint>,
) -> Outcome<Report> {
    let instance = Instance::<R>::start(worker, task)?;
    let mut partitioner = instance.state.partitioner(instance.source.parallelism())?;
    let first = instance.next;
    let instance = Rc::new(RefCell::new(instance));

    let mut input = InputHandle::new();
    let probe = ProbeHandle::new();
    worker.dataflow::<u64, _, _>(|scope| {
        let counting = Rc::clone(&instance);
        let mut waiting: BTreeMap<u64, Vec<Departure>> = BTreeMap::new();
        let mut savepoint = savepoint;
        scope
            .input_from(&mut input)
            .unary_frontier::<CapacityContainerBuilder<Vec<()>>, _, _, _>(
                Exchange::new(|departure: &Departure| u64::from(departure.owner)),
                "count",
                |_capability, _info| {
                    move |(input, frontier), _output| {
                        input.for_each(|capability, departures| {
                            if let Some(time) = capability.least() {
                                waiting.entry(*time).or_default().append(departures);
                            }
                        });
                        let complete = |time: u64| !frontier.less_equal(&time);
                        let mut counting = counting.borrow_mut();
                        loop {
                            // Everything before the savepoint is counted, and nothing after it: a consistent cut.
                            let due = savepoint.take_if(|(after, _)| {
                                let time = *after / EPOCH;
                                complete(time - 1) && waiting.keys().next().is_none_or(|next| *next >= time)
                            });
                            if let Some((after, shared)) = due {
                                counting.take_savepoint(after, &shared);
                            }
                            match waiting.first_entry() {
                                Some(entry) if complete(*entry.key()) => counting.count(entry.remove()),
                                _ => break,
                            }
                        }
                    }
                },
            )
            .probe_with(&probe);
    });

    // Every worker reads the whole file and processes its share of the departures.
    let (peers, own) = (worker.peers() as u64, worker.index() as u64);
    let mut flights = Flights::open(&task.data)?;
    let mut number = 0;
    while let Some(flight) = flights.next_flight()?.filter(|_| task.end.is_none_or(|end| number < end)) {
        if number % EPOCH == 0 {
            input.advance_to(number / EPOCH);
            worker.step_while(|| probe.less_than(input.time()));
        }
        if number >= first && number % peers == own {
            let key = R::key(flight.tail.unwrap_or(NO_TAIL_NUMBER));
            input.send(Departure::new(partitioner.instance_of(&key)?, number, &flight));
        }
        number += 1;
    }
    input.close();
    worker.step_while(|| !probe.done());

    let mut instance = instance.borrow_mut();
    if let Some(shared) = last {
        instance.take_savepoint(number, shared);
    }
    match instance.failure.take() {
        Some(failure) => Err(failure),
        None => Ok(instance.report.clone()),
    }
}

/// A worker's instance of the program.
struct Instance<R: Release> {
    program: Program<R>,
    state: KeyedStateBackend<R::Key, MemoryBackend>,
    /// The state of the reading operator: the number of the next departure.
    source: OperatorStateStore,
    position: UnionList<u64>,
    next: u64,
    report: Report,
    /// The first error. Operators of timely cannot return errors.
    failure: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl<R: Release<Key = String>> Instance<R> {
    /// Declares all state, and opens or restores it.
    fn start(worker: &Worker, task: &Task) -> Outcome<Self> {
        let (workers, index) = (u32::try_from(worker.peers())?, u32::try_from(worker.index())?);
        let key_groups = KeyGroupRange::of_instance(MaxParallelism::DEFAULT, workers, index)?;
        let mut program = Program::<R>::new()?;
        program.operator = program.operator.with_key_groups(key_groups)?;
        let mut source = OperatorStates::new(SOURCE)?.with_instance(workers, index)?;
        let position = source.union_list::<u64>("next-departure")?;

        let mut report = Report { key_groups, restored: Vec::new(), counted: 0, savepoints: Vec::new() };
        let (state, source) = match &task.from {
            None => (program.operator.open(MemoryBackend::new())?, source.open()?),
            Some(path) => {
                let savepoint = Savepoint::open(path)?;
                let options = RestoreOptions::new().with_operator(OPERATOR).with_operator_state(SOURCE);
                // Everything is compared before anything is restored.
                let (plan, source_plan) =
                    (program.operator.plan(&savepoint, &options)?, source.plan(&savepoint, &options)?);
                if index == 0 {
                    let states = plan.states().iter().chain(source_plan.states());
                    let verdict = |state: &StatePlan| format!("{:15} {}", state.name(), state.verdict());
                    report.restored.extend(states.map(verdict));
                }
                (plan.run(MemoryBackend::new(), &mut |_| ())?, source_plan.run()?)
            }
        };
        let failure = None;
        let mut instance = Self { program, state, source, position, next: 0, report, failure };
        let positions = instance.position.get(&mut instance.source)?;
        instance.next = positions.first().copied().unwrap_or(0);
        if positions.iter().any(|position| *position != instance.next) {
            return Err(format!("the workers of the savepoint were not at one point of the data: {positions:?}").into());
        }
        Ok(instance)
    }

    /// Counts the departures of one timestamp. They come from several workers, in any order; what happened first is counted
    /// first.
    fn count(&mut self, mut departures: Vec<Departure>) {
        departures.sort_unstable_by_key(|departure| departure.number);
        for departure in departures {
            if self.failure.is_none() {
                let counted = self.program.count(&mut self.state, &departure.flight());
                self.failure = counted.err().map(Into::into);
                self.report.counted += 1;
            }
        }
    }

    /// Adds the state of this worker to a savepoint.
    fn take_savepoint(&mut self, next: u64, shared: &SharedSavepoint) {
        if self.failure.is_some() {
            return;
        }
        let added = self.position.update(&mut self.source, &[next]).map_err(Into::into);
        match added.and_then(|()| shared.add(&self.state, &self.source)) {
            Ok(Some(savepoint)) => {
                let name = savepoint.path().file_name().unwrap_or_default().to_string_lossy();
                self.report.savepoints.push((next, name.into_owned()));
            }
            Ok(None) => {}
            Err(error) => self.failure = Some(format!("{}: {error}", shared.path().display()).into()),
        }
    }
}
