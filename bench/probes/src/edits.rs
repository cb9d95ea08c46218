//! The stored type, and the eleven edits of it.
//!
//! Each edit is a module with the changed types of one release, and a function that gives the expected new order for
//! every stored one. If typeser requires a declaration of the change, a second version of the type has it.

use crate::probe::{Row, row};

/// What every codec can store.
macro_rules! stored {
    ($($item:item)*) => {
        $(
            #[derive(
                Debug,
                Clone,
                PartialEq,
                serde::Serialize,
                serde::Deserialize,
                bitcode::Encode,
                bitcode::Decode,
                borsh::BorshSerialize,
                borsh::BorshDeserialize,
                wincode::SchemaWrite,
                wincode::SchemaRead,
                typeser::StateType,
            )]
            $item
        )*
    };
}

/// Types that only typeser stores: those that declare the change.
macro_rules! declared {
    ($($item:item)*) => {
        $(
            #[derive(Debug, Clone, PartialEq, typeser::StateType)]
            $item
        )*
    };
}

stored! {
    /// The stored type. `S` is `Status`, or an edited version of it.
    pub struct Order<S> {
        pub id: u32,
        pub quantity: u32,
        pub price: u32,
        pub note: String,
        pub status: S,
    }

    /// Without payloads, like most enums in records. With payloads, codecs would detect more misread values by chance.
    pub enum Status {
        Open,
        Paid,
        Shipped,
        Returned,
    }
}

/// The order with another status.
fn with<S>(order: &Order<Status>, status: impl FnOnce(&Status) -> S) -> Order<S> {
    let Order { id, quantity, price, note, status: was } = order.clone();
    Order { id, quantity, price, note, status: status(&was) }
}

/// The rows of the table, in its order.
pub fn all() -> Vec<Row> {
    vec![
        row("field added at the end", added::new).declared("default = 1", added::declared),
        row("field removed from the middle", removed::new).declared("removed(\"quantity\")", removed::declared),
        row("field renamed", renamed::new).declared("alias = \"note\"", renamed::declared),
        row("two fields of one type swapped", swapped::new),
        row("`u32` widened to `u64`", widened::new),
        row("`u32` became `i32`", signed::new),
        row("variant added at the end", variant_added::new),
        row("variant added in the middle", variant_inserted::new),
        row("variants reordered", variants_reordered::new),
        row("variant removed", variant_removed::new)
            .declared("removed(\"Paid\", becomes = Status::Open)", variant_removed::declared),
        row("variant renamed", variant_renamed::new).declared("alias = \"Paid\"", variant_renamed::declared),
    ]
}

mod added {
    use super::Status;

    stored! {
        pub struct Order {
            id: u32,
            quantity: u32,
            price: u32,
            note: String,
            status: Status,
            priority: u32,
        }
    }

    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(Order { id, quantity, price, note, status, priority: 1 })
    }

    pub fn declared(order: &super::Order<Status>) -> Option<with_attribute::Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(with_attribute::Order { id, quantity, price, note, status, priority: 1 })
    }

    pub mod with_attribute {
        use super::Status;

        declared! {
            pub struct Order {
                pub id: u32,
                pub quantity: u32,
                pub price: u32,
                pub note: String,
                pub status: Status,
                #[state(default = 1)]
                pub priority: u32,
            }
        }
    }
}

mod removed {
    use super::Status;

    stored! {
        pub struct Order {
            id: u32,
            price: u32,
            note: String,
            status: Status,
        }
    }

    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, price, note, status, .. } = order.clone();
        Some(Order { id, price, note, status })
    }

    pub fn declared(order: &super::Order<Status>) -> Option<with_attribute::Order> {
        let super::Order { id, price, note, status, .. } = order.clone();
        Some(with_attribute::Order { id, price, note, status })
    }

    pub mod with_attribute {
        use super::Status;

        declared! {
            #[state(removed("quantity"))]
            pub struct Order {
                pub id: u32,
                pub price: u32,
                pub note: String,
                pub status: Status,
            }
        }
    }
}

mod renamed {
    use super::Status;

    stored! {
        pub struct Order {
            id: u32,
            quantity: u32,
            price: u32,
            remark: String,
            status: Status,
        }
    }

    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(Order { id, quantity, price, remark: note, status })
    }

    pub fn declared(order: &super::Order<Status>) -> Option<with_attribute::Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(with_attribute::Order { id, quantity, price, remark: note, status })
    }

    pub mod with_attribute {
        use super::Status;

        declared! {
            pub struct Order {
                pub id: u32,
                pub quantity: u32,
                pub price: u32,
                #[state(alias = "note")]
                pub remark: String,
                pub status: Status,
            }
        }
    }
}

mod swapped {
    use super::Status;

    stored! {
        pub struct Order {
            id: u32,
            price: u32,
            quantity: u32,
            note: String,
            status: Status,
        }
    }

    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(Order { id, price, quantity, note, status })
    }
}

mod widened {
    use super::Status;

    stored! {
        pub struct Order {
            id: u64,
            quantity: u32,
            price: u32,
            note: String,
            status: Status,
        }
    }

    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(Order { id: u64::from(id), quantity, price, note, status })
    }
}

mod signed {
    use super::Status;

    stored! {
        pub struct Order {
            id: i32,
            quantity: u32,
            price: u32,
            note: String,
            status: Status,
        }
    }

    /// Ids above the maximum of `i32` have no counterpart.
    pub fn new(order: &super::Order<Status>) -> Option<Order> {
        let super::Order { id, quantity, price, note, status } = order.clone();
        Some(Order { id: i32::try_from(id).ok()?, quantity, price, note, status })
    }
}

mod variant_added {
    use super::{Order, with};

    stored! {
        pub enum Status {
            Open,
            Paid,
            Shipped,
            Returned,
            Lost,
        }
    }

    pub fn new(order: &Order<super::Status>) -> Option<Order<Status>> {
        Some(with(order, |status| match status {
            super::Status::Open => Status::Open,
            super::Status::Paid => Status::Paid,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }
}

mod variant_inserted {
    use super::{Order, with};

    stored! {
        pub enum Status {
            Open,
            Paid,
            Packed,
            Shipped,
            Returned,
        }
    }

    pub fn new(order: &Order<super::Status>) -> Option<Order<Status>> {
        Some(with(order, |status| match status {
            super::Status::Open => Status::Open,
            super::Status::Paid => Status::Paid,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }
}

mod variants_reordered {
    use super::{Order, with};

    stored! {
        pub enum Status {
            Paid,
            Open,
            Shipped,
            Returned,
        }
    }

    pub fn new(order: &Order<super::Status>) -> Option<Order<Status>> {
        Some(with(order, |status| match status {
            super::Status::Open => Status::Open,
            super::Status::Paid => Status::Paid,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }
}

mod variant_removed {
    use super::{Order, with};

    stored! {
        pub enum Status {
            Open,
            Shipped,
            Returned,
        }
    }

    pub fn new(order: &Order<super::Status>) -> Option<Order<Status>> {
        Some(with(order, |status| match status {
            super::Status::Open | super::Status::Paid => Status::Open,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }

    pub fn declared(order: &Order<super::Status>) -> Option<Order<with_attribute::Status>> {
        use with_attribute::Status;
        Some(with(order, |status| match status {
            super::Status::Open | super::Status::Paid => Status::Open,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }

    pub mod with_attribute {
        declared! {
            #[state(removed("Paid", becomes = Status::Open))]
            pub enum Status {
                Open,
                Shipped,
                Returned,
            }
        }
    }
}

mod variant_renamed {
    use super::{Order, with};

    stored! {
        pub enum Status {
            Open,
            Settled,
            Shipped,
            Returned,
        }
    }

    pub fn new(order: &Order<super::Status>) -> Option<Order<Status>> {
        Some(with(order, |status| match status {
            super::Status::Open => Status::Open,
            super::Status::Paid => Status::Settled,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }

    pub fn declared(order: &Order<super::Status>) -> Option<Order<with_attribute::Status>> {
        use with_attribute::Status;
        Some(with(order, |status| match status {
            super::Status::Open => Status::Open,
            super::Status::Paid => Status::Settled,
            super::Status::Shipped => Status::Shipped,
            super::Status::Returned => Status::Returned,
        }))
    }

    pub mod with_attribute {
        declared! {
            pub enum Status {
                Open,
                #[state(alias = "Paid")]
                Settled,
                Shipped,
                Returned,
            }
        }
    }
}
