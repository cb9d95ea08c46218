//! Generated entries of about 100 bytes, and the two releases of their type.

use typeser_state::descriptor::StateError;
use typeser_state::keyed::{Operator, ValueState};

/// The operator.
pub const UID: &str = "accounts";
/// Its only state.
pub const STATE: &str = "account";

/// The release that wrote the savepoint.
pub mod old {
    use super::{Operator, STATE, StateError, UID, ValueState};

    /// 24 bytes, two lengths of 4 bytes, and two texts.
    #[derive(typeser::StateType, Debug)]
    pub struct Account {
        pub balance: i64,
        pub opened: u32,
        pub note: String,
        pub owner: String,
        pub transfers: u32,
        pub limit: u64,
    }

    pub fn operator() -> Result<(Operator<u32>, ValueState<Account>), StateError> {
        let mut operator = Operator::new(UID)?;
        let state = operator.value(STATE)?;
        Ok((operator, state))
    }
}

/// The next release: a text in the middle was removed, a number was widened, a field with a default was added.
pub mod new {
    use super::{Operator, STATE, StateError, UID, ValueState};

    #[derive(typeser::StateType, Debug)]
    #[state(removed("note"))]
    pub struct Account {
        pub balance: i64,
        pub opened: u64,
        pub owner: String,
        pub transfers: u32,
        pub limit: u64,
        #[state(default = 7)]
        pub rating: u8,
    }

    pub fn operator() -> Result<(Operator<u32>, ValueState<Account>), StateError> {
        let mut operator = Operator::new(UID)?;
        let state = operator.value(STATE)?;
        Ok((operator, state))
    }
}

/// Different for each row.
pub fn key(row: u64) -> u32 {
    (row as u32).wrapping_mul(0x9E37_79B1)
}

/// The same for the same row in every run.
pub fn account(row: u64) -> old::Account {
    let mixed = row.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D;
    let text = |length: u64, seed: u64| -> String {
        (0..length).map(|at| char::from(b'a' + ((seed >> (at % 13 * 4)) % 26) as u8)).collect()
    };
    old::Account {
        balance: mixed as i64 >> 20,
        opened: (mixed >> 40) as u32,
        note: text(12 + mixed % 9, mixed),
        owner: text(24 + mixed % 17, mixed.rotate_left(17)),
        transfers: mixed as u32 % 1000,
        limit: mixed % 100_000,
    }
}
