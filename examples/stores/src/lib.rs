//! The types of two releases, and the set of versions that both know. Each test in `tests/` is one store.

use std::error::Error;

use typeser::versions::{Frame, Versions};
use typeser::{Serializer, SerializerSnapshot, StateType};

/// The first release.
pub mod release_1 {
    use super::{Error, Frame, Serializer, StateType, Versions};

    #[derive(StateType, Debug, Clone, PartialEq)]
    pub struct Order {
        pub id: u32,
        pub note: String,
    }

    pub fn order(id: u32) -> Order {
        Order { id, note: "fragile".to_owned() }
    }

    pub fn versions(frame: Frame) -> Result<Versions<Order>, Box<dyn Error>> {
        Ok(Versions::builder(Serializer::new()?).frame(frame).build()?)
    }
}

/// The second release: a wider id, another name of the note, and a priority.
#[derive(StateType, Debug, Clone, PartialEq)]
pub struct Order {
    pub id: u64,
    #[state(alias = "note")]
    pub remark: String,
    #[state(default = 3)]
    pub priority: u8,
}

/// What the first release recorded; a program has goldens for that.
const RELEASE_1: &str = "\
typeser-snapshot 1
root Order

struct Order v1
  id u32
  note string
";

pub fn order(id: u64) -> Order {
    Order { id, remark: "fragile".to_owned(), priority: 3 }
}

/// Reads what both releases wrote.
pub fn versions(frame: Frame) -> Result<Versions<Order>, Box<dyn Error>> {
    let release_1 = SerializerSnapshot::from_text(RELEASE_1)?;
    Ok(Versions::builder(Serializer::new()?).release("1.0.0", release_1).frame(frame).build()?)
}
