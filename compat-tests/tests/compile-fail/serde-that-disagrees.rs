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

// Above the type: each of these is about its fields or variants.
#[derive(Default, Serialize, Deserialize, StateType)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    volume: u8,
    music: bool,
    #[state(default)]
    speed: u8,
    theme: Option<String>,
    #[state(default, name = "key_map")]
    keys: String,
    #[state(default, name = "lastSave")]
    last_save: u64,
    #[serde(rename = "id")]
    #[state(default, name = "id")]
    number: u64,
}

#[derive(Serialize, Deserialize, StateType)]
#[serde(rename_all = "kebab-case", rename_all_fields = "UPPERCASE")]
enum Event {
    #[state(name = "in-transit")]
    InTransit {
        #[state(name = "to")]
        to: String,
    },
    #[state(name = "Lost")]
    #[serde(rename_all = "lowercase")]
    LostForGood {
        #[state(name = "at")]
        at: u64,
    },
    #[serde(rename(serialize = "r", deserialize = "R"))]
    #[state(name = "Returned")]
    Back,
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
