//! Release 2: the same types derive `StateType`. What serde writes in a form of its own is marked with `SerdeForm`; the
//! stored bytes stay what they are, and the release goes on writing the same.

use std::error::Error;
use std::path::Path;

use chrono::{DateTime, Utc};
use redb::Database;
use typeser::schema::IntegerEncoding;
use typeser::serializer::SerdeForm;
use typeser::{Serializer, StateType, TypeSerializer};
use typeser_state::typed_table::{TableError, TypedTable};
use uuid::Uuid;

use crate::log;

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Ticket {
    #[state(as = SerdeForm<Uuid>)]
    pub id: Uuid,
    pub seat: u16,
    #[state(as = SerdeForm<DateTime<Utc>>)]
    pub sold: DateTime<Utc>,
    pub payment: Payment,
}

#[derive(Debug, Clone, PartialEq, StateType)]
pub enum Payment {
    Cash,
    Card { last_digits: u16 },
}

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Customer {
    #[state(as = SerdeForm<DateTime<Utc>>)]
    pub since: DateTime<Utc>,
    #[state(as = Vec<SerdeForm<Uuid>>)]
    pub tickets: Vec<Uuid>,
    pub mail: Option<String>,
}

/// Writes and reads the layout of bincode 1.
pub fn tickets() -> Result<Serializer<Ticket>, Box<dyn Error>> {
    Ok(Serializer::with_integers(IntegerEncoding::Fixed)?)
}

/// Writes and reads the layout of bincode 2 with `config::standard()`.
pub fn customers() -> Result<Serializer<Customer>, Box<dyn Error>> {
    Ok(Serializer::with_integers(IntegerEncoding::Variable)?)
}

/// How many of the stored values would be written as the bytes they are. Run over a copy of all data before the first
/// deployment.
pub fn same<S: TypeSerializer>(serializer: &S, stored: &[Vec<u8>]) -> usize {
    let is_same = |bytes: &&Vec<u8>| {
        let mut written = Vec::new();
        let value = serializer.deserialize(bytes);
        value.is_ok_and(|value| serializer.serialize(&value, &mut written).is_ok()) && written == **bytes
    };
    stored.iter().filter(is_same).count()
}

/// Appends a ticket to the log that bincode began.
pub fn sell(log: &Path, ticket: &Ticket) -> Result<(), Box<dyn Error>> {
    let mut bytes = Vec::new();
    tickets()?.serialize(ticket, &mut bytes)?;
    Ok(log::append(log, &bytes)?)
}

/// Checks every row of the table, and stores the snapshots of its keys and values beside it.
pub fn adopt(database: &Database) -> Result<TypedTable<'_, String, Customer>, TableError> {
    TypedTable::adopt(database, "customers", IntegerEncoding::Variable)
}
