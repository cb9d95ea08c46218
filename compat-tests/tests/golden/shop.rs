//! Releases of the types of a shop. Failures show lines of this file, so add at the end.

pub mod v1 {
    use typeser::StateType;

    #[derive(StateType)]
    pub struct Order {
        pub number: u32,
        pub note: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }

    #[derive(StateType)]
    pub enum Status {
        Open,
        Shipped { carrier: String },
        Lost,
    }

    #[derive(StateType)]
    pub struct Item {
        pub price: u32,
        pub weight: u32,
    }

    pub fn orders() -> [Order; 3] {
        let item = |price, weight| Item { price, weight };
        [
            Order { number: 7, note: None, status: Status::Open, items: vec![item(250, 3), item(90, 1)] },
            Order {
                number: 8,
                note: Some("fragile".into()),
                status: Status::Shipped { carrier: "snail".into() },
                items: vec![],
            },
            Order { number: 9, note: None, status: Status::Lost, items: vec![] },
        ]
    }
}

/// `note` became `remark`, undeclared.
pub mod renamed {
    use typeser::StateType;

    pub use super::v1::{Item, Status};

    #[derive(StateType)]
    pub struct Order {
        pub number: u32,
        pub remark: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }
}

/// `price` and `weight` changed places.
pub mod swapped {
    use typeser::StateType;

    pub use super::v1::Status;

    #[derive(StateType)]
    pub struct Order {
        pub number: u32,
        pub note: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }

    #[derive(StateType)]
    pub struct Item {
        pub weight: u32,
        pub price: u32,
    }
}

/// `Lost` was removed, without a replacement for its values.
pub mod without_lost {
    use typeser::StateType;

    pub use super::v1::Item;

    #[derive(StateType)]
    pub struct Order {
        pub number: u32,
        pub note: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }

    #[derive(StateType)]
    pub enum Status {
        Open,
        Shipped { carrier: String },
    }
}

/// `number` is wider.
pub mod wider {
    use typeser::StateType;

    pub use super::v1::{Item, Status};

    #[derive(StateType)]
    pub struct Order {
        pub number: u64,
        pub note: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }
}

/// Functions of the program migrate values of `v1` and `between`.
pub mod taught {
    use typeser::StateType;
    use typeser::value::{Value, ValueError};

    pub use super::v1::Status;

    #[derive(StateType)]
    pub struct Order {
        #[state(convert(u32, with = to_text))]
        pub number: String,
        pub note: Option<String>,
        pub status: Status,
        pub items: Vec<Item>,
    }

    fn to_text(number: u32) -> Result<String, String> {
        if number < 100 { Ok(format!("no. {number}")) } else { Err(format!("{number} is not the number of an order")) }
    }

    #[derive(StateType)]
    #[state(version = 2, migrate(1 => weighed))]
    pub struct Item {
        pub price: u32,
        pub grams: u64,
    }

    fn weighed(old: Value) -> Result<Item, ValueError> {
        Ok(Item { price: old.get("price")?.as_u32()?, grams: old.get("weight")?.as_u64()? * 1000 })
    }
}

/// A field that came with one default, and has another one now.
pub mod tagged {
    use typeser::StateType;

    #[derive(StateType)]
    pub struct Tag {
        pub name: String,
    }

    pub mod later {
        use typeser::StateType;

        #[derive(StateType)]
        pub struct Tag {
            pub name: String,
            #[state(default = 1)]
            pub weight: u8,
        }
    }

    pub mod today {
        use typeser::StateType;

        #[derive(StateType)]
        pub struct Tag {
            pub name: String,
            #[state(default = 2)]
            pub weight: u8,
        }
    }
}
