//! `log`: 10,000 lines of an HTTP log, four strings each.

use serde::{Deserialize, Serialize};
use typeser::StateType;
use wincode::{SchemaRead, SchemaWrite};

use crate::random::Random;

pub const COUNT: usize = 10_000;

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
#[repr(C)]
pub struct Address {
    pub x0: u8,
    pub x1: u8,
    pub x2: u8,
    pub x3: u8,
}

#[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
pub struct Log {
    pub address: Address,
    pub identity: String,
    pub userid: String,
    pub date: String,
    pub request: String,
    pub code: u16,
    pub size: u64,
}

/// The next release: `userid` was removed, `note` was added.
pub mod next {
    use super::Address;
    use serde::{Deserialize, Serialize};
    use typeser::StateType;
    use wincode::{SchemaRead, SchemaWrite};

    pub const NOTE: &str = "none";

    #[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    #[state(removed("userid"))]
    pub struct Log {
        pub address: Address,
        pub identity: String,
        pub date: String,
        pub request: String,
        pub code: u16,
        pub size: u64,
        #[state(default = NOTE.to_owned())]
        pub note: String,
    }

    impl From<super::Log> for Log {
        fn from(old: super::Log) -> Self {
            let super::Log { address, identity, userid: _, date, request, code, size } = old;
            Self { address, identity, date, request, code, size, note: NOTE.to_owned() }
        }
    }
}

/// Another next release: every field has another position.
pub mod permuted {
    use super::Address;
    use typeser::StateType;

    #[derive(Debug, Clone, PartialEq, StateType)]
    pub struct Log {
        pub size: u64,
        pub request: String,
        pub address: Address,
        pub date: String,
        pub code: u16,
        pub userid: String,
        pub identity: String,
    }

    impl From<super::Log> for Log {
        fn from(old: super::Log) -> Self {
            let super::Log { address, identity, userid, date, request, code, size } = old;
            Self { size, request, address, date, code, userid, identity }
        }
    }
}

/// Another next release: `code` was widened.
pub mod widened {
    use super::Address;
    use serde::{Deserialize, Serialize};
    use typeser::StateType;
    use wincode::{SchemaRead, SchemaWrite};

    #[derive(Debug, Clone, PartialEq, StateType, Serialize, Deserialize, SchemaWrite, SchemaRead)]
    pub struct Log {
        pub address: Address,
        pub identity: String,
        pub userid: String,
        pub date: String,
        pub request: String,
        pub code: u32,
        pub size: u64,
    }

    impl From<super::Log> for Log {
        fn from(old: super::Log) -> Self {
            let super::Log { address, identity, userid, date, request, code, size } = old;
            Self { address, identity, userid, date, request, code: u32::from(code), size }
        }
    }
}

pub fn generate() -> Vec<Log> {
    let mut random = Random::new(0x006C_6F67);
    (0..COUNT).map(|_| log(&mut random)).collect()
}

fn log(random: &mut Random) -> Log {
    let mut byte = || random.bits() as u8;
    let address = Address { x0: byte(), x1: byte(), x2: byte(), x3: byte() };
    let userid = random.word(&["-", "alice", "bob", "carmen", "david", "eric", "frank", "george", "harry"]);
    let date = date(random);
    let method = random.pick(&["GET", "POST", "PUT", "UPDATE", "DELETE"]);
    let route = random.pick(&[
        "/favicon.ico",
        "/css/index.css",
        "/css/font-awsome.min.css",
        "/img/logo-full.svg",
        "/img/splash.jpg",
        "/api/login",
        "/api/logout",
    ]);
    let protocol = random.pick(&["HTTP/1.0", "HTTP/1.1", "HTTP/2", "HTTP/3"]);
    Log {
        address,
        identity: "-".to_owned(),
        userid,
        date,
        request: format!("{method} {route} {protocol}"),
        code: random.within(100..512) as u16,
        size: random.within(0..100_000_000) as u64,
    }
}

fn date(random: &mut Random) -> String {
    let month = random.pick(&["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]);
    let mut within = |range| random.within(range);
    let (day, year) = (within(1..29), within(1970..2022));
    let (hour, minute, second) = (within(0..24), within(0..60), within(0..60));
    let zone = within(-12..13);
    format!("{day}/{month}/{year}:{hour}:{minute}:{second} {zone:+03}00")
}
