//! Two releases of the types of a shop. Reports show lines of this file, so add at the end.

pub mod v1 {
    use std::collections::{BTreeSet, HashMap};

    use typeser::StateType;

    #[derive(StateType)]
    pub struct Order {
        pub id: u64,
        pub shipments: HashMap<String, Option<Shipment>>,
        pub total: Money,
    }

    #[derive(StateType)]
    pub struct Shipment {
        pub status: Status,
        pub weight: u32,
    }

    #[derive(StateType)]
    pub enum Status {
        Open,
        Shipped { carrier: String, at: u64 },
        Lost,
    }

    #[derive(StateType)]
    pub struct Money {
        pub cents: u64,
        pub currency: String,
    }

    #[derive(StateType)]
    pub struct Invoice {
        pub lines: Vec<(String, Money)>,
        pub discount: Option<Money>,
    }

    #[derive(StateType)]
    pub struct Tree {
        pub name: String,
        pub size: u32,
        pub children: Vec<Tree>,
    }

    #[derive(StateType)]
    pub enum Expression {
        Number(f64),
        Add(Box<Expression>, Box<Expression>),
        Negate(Box<Expression>),
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key)]
    pub struct Shelf {
        pub hall: u8,
        pub row: u16,
    }

    #[derive(StateType)]
    pub struct Stock {
        pub shelves: BTreeSet<Shelf>,
    }

    #[derive(StateType)]
    #[state(name = "Straße")]
    pub struct Street {
        #[state(name = "größe")]
        pub size: u32,
        #[state(name = "名前")]
        pub name: String,
    }

    #[derive(StateType)]
    pub struct Customer {
        pub name: String,
        pub mail: String,
        pub tier: Tier,
    }

    #[derive(StateType)]
    pub enum Tier {
        Basic,
        Premium { since: u32 },
    }

    #[derive(StateType)]
    pub struct Point(pub f64, pub f64);

    #[derive(StateType)]
    pub struct Pair<T> {
        pub left: T,
        pub right: T,
    }
}

pub mod v2 {
    use std::collections::{BTreeSet, HashMap};

    use typeser::StateType;

    /// An order.
    #[derive(StateType)]
    pub struct Order {
        pub id: u64,
        pub shipments: HashMap<String, Option<Shipment>>,
        pub total: Money,
    }

    #[derive(StateType)]
    pub struct Shipment {
        // The weight came first once: u32.
        pub weight: u64,
        pub status: Status,
    }

    #[derive(StateType)]
    #[state(version = 2)]
    pub enum Status {
        Open,
        Shipped {
            carrier: u16,
            #[state(default)]
            insured: bool,
            at: u64,
        },
    }

    #[derive(StateType)]
    pub struct Money {
        pub cents: u32,
        pub currency: String,
    }

    #[derive(StateType)]
    pub struct Invoice {
        pub lines: Vec<(String, Money)>,
        pub discount: Option<Money>,
    }

    #[derive(StateType)]
    pub struct Tree {
        pub name: String,
        pub size: u16,
        pub children: Vec<Tree>,
    }

    #[derive(StateType)]
    pub enum Expression {
        Number(f64),
        Add(Box<Expression>, Box<Expression>),
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord, Hash, StateType)]
    #[state(key, removed("row"))]
    pub struct Shelf {
        pub hall: u16,
    }

    #[derive(StateType)]
    pub struct Stock {
        pub shelves: BTreeSet<Shelf>,
    }

    #[derive(StateType)]
    #[state(name = "Straße")]
    pub struct Street {
        #[state(name = "größe")]
        pub size: i32,
        #[state(name = "お名前")]
        pub name: String,
    }

    #[derive(StateType)]
    pub struct Customer {
        pub name: String,
        pub email: String,
        pub tier: Tier,
    }

    #[derive(StateType)]
    pub enum Tier {
        Basic,
        Gold { since: u32 },
    }

    #[derive(StateType)]
    pub struct Point(pub f32, pub f64, pub f64);

    #[derive(StateType)]
    pub struct Pair<T> {
        pub left: T,
        pub right: Vec<T>,
    }
}
