//! Release 3.0.0 of the program of `rolling.rs`: a wider number, which no older release can hold.

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
    id: u64,
    #[state(alias = "note")]
    remark: String,
    #[state(default)]
    urgent: bool,
    status: Status,
}

impl Release for Order {
    const NAME: &'static str = "3.0.0";

    fn order(id: u32) -> Self {
        let status = match id {
            0 => Status::Open,
            1..100 => Status::Paid,
            _ => Status::Returned { reason: String::from("broken") },
        };
        Self { id: id.into(), remark: String::from("fragile"), urgent: false, status }
    }
}

fn main() -> ExitCode {
    run::<Order>()
}
