//! Release 2.0.0 of the program of `rolling.rs`: a renamed, an added and a removed field, and a new variant.

use std::process::ExitCode;

use compat_tests::rolling::{Release, run};
use typeser::StateType;

#[derive(StateType, Debug)]
enum Status {
    Open,
    Paid,
    Returned { reason: String },
}

#[derive(StateType, Debug)]
#[state(removed("rank"))]
struct Order {
    id: u32,
    #[state(alias = "note")]
    remark: String,
    #[state(default)]
    urgent: bool,
    status: Status,
}

impl Release for Order {
    const NAME: &'static str = "2.0.0";

    /// Orders from 100 on are returned.
    fn order(id: u32) -> Self {
        let status = match id {
            0 => Status::Open,
            1..100 => Status::Paid,
            _ => Status::Returned { reason: String::from("broken") },
        };
        Self { id, remark: String::from("fragile"), urgent: true, status }
    }
}

fn main() -> ExitCode {
    run::<Order>()
}
