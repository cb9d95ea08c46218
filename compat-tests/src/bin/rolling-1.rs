//! Release 1.0.0 of the program of `rolling.rs`.

use std::process::ExitCode;

use compat_tests::rolling::{Release, run};
use typeser::StateType;

#[derive(StateType, Debug)]
enum Status {
    Open,
    Paid,
}

#[derive(StateType, Debug)]
struct Order {
    id: u32,
    note: String,
    #[state(default = 3)]
    rank: u8,
    status: Status,
}

impl Release for Order {
    const NAME: &'static str = "1.0.0";

    fn order(id: u32) -> Self {
        let status = if id == 0 { Status::Open } else { Status::Paid };
        Self { id, note: String::from("fragile"), rank: 5, status }
    }
}

fn main() -> ExitCode {
    run::<Order>()
}
