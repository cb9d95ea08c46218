//! Values nested as deep as they can be written, of types whose values take up to 4 KiB, on a thread of 2 MiB.
//!
//! Nothing that typeser does with them overflows the stack, nor does comparing or dropping them, although this code is
//! compiled without optimisation. (What `derive(Clone)` and `derive(Debug)` make of them can overflow it.)

#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::collections::{BTreeMap, HashMap, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use serde_derive::{Deserialize, Serialize};
use typeser::resolve::{Policy, Role, resolve};
use typeser::schema::{IntegerEncoding, Limits};
use typeser::serializer::serde_bridge;
use typeser::value::Value;
use typeser::{Serializer, StateType, TypeSerializer};

/// What the standard library gives a thread, whatever `RUST_MIN_STACK` says.
const USUAL: usize = 2 << 20;

fn on_the_usual_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(USUAL).spawn(run).unwrap().join().unwrap();
}

/// A pad, so that a value takes about 4 KiB by itself.
type Pad = [[u64; 25]; 20];
const PAD: Pad = [[7; 25]; 20];

macro_rules! chains {
    ($($(#[$meta:meta])* $name:ident: $next:ty = $none:expr, $some:expr;)*) => { $(
        $(#[$meta])*
        #[derive(StateType, PartialEq)]
        struct $name {
            pad: Pad,
            next: $next,
        }

        impl Chain for $name {
            fn chain(length: usize) -> Self {
                let some: fn(Self) -> $next = $some;
                let mut chain = Self { pad: PAD, next: $none };
                for _ in 1..length {
                    chain = Self { pad: PAD, next: some(chain) };
                }
                chain
            }
        }
    )* };
}

/// A value with this many parts of one type, each inside the one before.
trait Chain: StateType + PartialEq + 'static {
    fn chain(length: usize) -> Self;
}

chains! {
    Boxed: Option<Box<Boxed>> = None, |next| Some(Box::new(next));
    Shared: Option<Rc<Shared>> = None, |next| Some(Rc::new(next));
    Counted: Option<Arc<Counted>> = None, |next| Some(Arc::new(next));
    Listed: Vec<Listed> = Vec::new(), |next| vec![next];
    Queued: VecDeque<Queued> = VecDeque::new(), |next| VecDeque::from([next]);
    Sliced: Box<[Sliced]> = Box::new([]), |next| Box::new([next]);
    Linked: LinkedList<Linked> = LinkedList::new(), |next| LinkedList::from([next]);
    Hashed: HashMap<u8, Hashed> = HashMap::new(), |next| HashMap::from([(1, next)]);
    Mapped: BTreeMap<u8, Mapped> = BTreeMap::new(), |next| BTreeMap::from([(1, next)]);
    Chosen: Result<Box<Chosen>, ()> = Err(()), |next| Ok(Box::new(next));
}

/// What [`Boxed`] becomes.
#[derive(StateType)]
#[state(name = "Boxed")]
struct Later {
    pad: Pad,
    next: Option<Box<Later>>,
    #[state(default = 3)]
    more: u16,
}

/// With and without a pointer between two parts.
#[derive(PartialEq, Serialize, Deserialize)]
enum ByBridge {
    End,
    Optional { pad: Pad, next: Option<Box<ByBridge>> },
    Listed(Pad, Vec<ByBridge>),
    Newtype(Box<ByBridge>),
    Mapped { pad: Pad, next: BTreeMap<u8, ByBridge> },
}

/// Written, read, compared, dropped, and read without its type.
fn all<T: Chain>() {
    for integers in [IntegerEncoding::Fixed, IntegerEncoding::Variable] {
        let serializer = Serializer::<T>::with_integers(integers).unwrap();
        let deepest = T::chain(Limits::DEPTH as usize);
        let mut bytes = Vec::new();
        serializer.serialize(&deepest, &mut bytes).unwrap();
        let read = serializer.deserialize(&bytes).unwrap();
        assert!(read == deepest);
        let value = Value::decode(serializer.snapshot(), &bytes).unwrap();
        let json = Value::from_json(serializer.snapshot(), &value.to_json_pretty());
        assert!(json.unwrap_err().to_string().contains("nested"), "JSON has a limit of its own");
        let mut again = Vec::new();
        value.clone().encode(serializer.snapshot(), &mut again).unwrap();
        assert_eq!(again, bytes);
    }
}

#[test]
fn values_behind_pointers() {
    on_the_usual_stack(|| {
        all::<Boxed>();
        all::<Shared>();
        all::<Counted>();
        all::<Chosen>();
    });
}

#[test]
fn values_in_collections() {
    on_the_usual_stack(|| {
        all::<Listed>();
        all::<Queued>();
        all::<Sliced>();
        all::<Linked>();
        all::<Hashed>();
        all::<Mapped>();
    });
}

#[test]
fn values_that_are_migrated() {
    on_the_usual_stack(|| {
        let (stored, today) = (Serializer::<Boxed>::new().unwrap(), Serializer::<Later>::new().unwrap());
        let mut bytes = Vec::new();
        stored.serialize(&Boxed::chain(Limits::DEPTH as usize), &mut bytes).unwrap();
        let resolution = resolve(stored.snapshot(), today.snapshot(), Role::Value, &Policy::default());
        let mut read = &resolution.reader(&today).unwrap().read(&bytes).unwrap();
        let mut parts = 1;
        while let Some(next) = &read.next {
            assert_eq!((read.pad, read.more), (PAD, 3));
            read = next;
            parts += 1;
        }
        assert_eq!(parts, Limits::DEPTH);
    });
}

#[test]
fn values_of_the_serde_bridge() {
    on_the_usual_stack(|| {
        // Each of these parts is two levels, and the one behind a newtype is one.
        let mut deepest = ByBridge::End;
        for part in 0..Limits::DEPTH / 7 {
            let next = ByBridge::Newtype(Box::new(deepest));
            let next = ByBridge::Optional { pad: PAD, next: Some(Box::new(next)) };
            let next = ByBridge::Listed(PAD, vec![next]);
            deepest = ByBridge::Mapped { pad: PAD, next: BTreeMap::from([(part as u8, next)]) };
        }
        let mut bytes = Vec::new();
        serde_bridge::write(&deepest, &mut bytes).unwrap();
        assert!(serde_bridge::read::<ByBridge>(&bytes).unwrap() == deepest);
    });
}
