//! Release 1 knows nothing of typeser. Its types derive serde's traits, and bincode writes them.

use std::error::Error;
use std::path::Path;

use chrono::{DateTime, Utc};
use redb::{Database, TableDefinition};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::log;

/// A line of the log, written by bincode 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: Uuid,
    pub seat: u16,
    pub sold: DateTime<Utc>,
    pub payment: Payment,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Payment {
    Cash,
    Card { last_digits: u16 },
}

/// A row of the table, written by bincode 2. Its key is the name of the customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    pub since: DateTime<Utc>,
    pub tickets: Vec<Uuid>,
    pub mail: Option<String>,
}

pub const CUSTOMERS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("customers");

/// Appends a ticket to the log.
pub fn sell(log: &Path, ticket: &Ticket) -> Result<(), Box<dyn Error>> {
    Ok(log::append(log, &bincode1::serialize(ticket)?)?)
}

/// Writes a customer to the table.
pub fn register(database: &Database, name: &str, customer: &Customer) -> Result<(), Box<dyn Error>> {
    let standard = bincode::config::standard();
    let key = bincode::serde::encode_to_vec(name, standard)?;
    let value = bincode::serde::encode_to_vec(customer, standard)?;
    let transaction = database.begin_write()?;
    transaction.open_table(CUSTOMERS)?.insert(&*key, &*value)?;
    Ok(transaction.commit()?)
}
