//! Runs an entrance for a fuzz target.

use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use compat_tests::entrances;

/// In bytes. The model of the oracle recurses, and so do drops of values in instrumented code.
const STACK: usize = 1 << 30;

/// Checks the laws of the entrance of this name, on a thread with a large stack that lives as long as the process.
///
/// A broken law is a panic, and libFuzzer ends the process at a panic of any thread.
pub fn check(name: &'static str, bytes: &[u8]) {
    static WORKER: OnceLock<Worker> = OnceLock::new();
    WORKER.get_or_init(|| Worker::start(name)).check(bytes);
}

struct Worker {
    inputs: SyncSender<Vec<u8>>,
    done: std::sync::Mutex<Receiver<()>>,
}

impl Worker {
    fn start(name: &'static str) -> Self {
        let entrance = entrances::named(name).unwrap_or_else(|| panic!("there is no entrance `{name}`"));
        let (inputs, received) = sync_channel::<Vec<u8>>(0);
        let (finished, done) = sync_channel(0);
        let work = move || {
            for bytes in received {
                (entrance.check)(&bytes);
                if finished.send(()).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread can be started");
        Self { inputs, done: done.into() }
    }

    fn check(&self, bytes: &[u8]) {
        self.inputs.send(bytes.to_vec()).expect("the worker lives");
        self.done.lock().expect("nothing panics here").recv().expect("the worker lives");
    }
}
