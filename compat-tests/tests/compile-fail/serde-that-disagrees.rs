#![deny(deprecated)]

use serde_derive::{Deserialize, Serialize};
use typeser::StateType;

#[derive(Serialize, Deserialize, StateType)]
struct Order {
    #[serde(skip)]
    cached: u32,
    #[serde(default)]
    items: Vec<String>,
    #[serde(default = "three", alias = "urgency")]
    priority: u8,
    #[serde(rename = "number")]
    #[state(name = "no")]
    id: u64,
}

fn three() -> u8 {
    3
}

#[derive(Serialize, Deserialize, StateType)]
#[serde(rename = "status", rename_all = "lowercase")]
enum Status {
    #[serde(alias = "New")]
    Open,
    Shipped {
        #[serde(skip_serializing, skip_deserializing)]
        to: String,
    },
}

// Both agree.
#[derive(Serialize, Deserialize, StateType)]
#[state(removed("gone"))]
struct Agrees {
    #[serde(skip)]
    #[state(skip)]
    cached: u32,
    #[serde(default, rename = "things", alias = "gone", alias = "a")]
    #[state(default, alias = "a")]
    items: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

// Said to differ on purpose.
#[derive(Serialize, Deserialize, StateType)]
#[allow(deprecated)]
struct Differs {
    #[serde(skip)]
    cached: u32,
}

fn main() {}
