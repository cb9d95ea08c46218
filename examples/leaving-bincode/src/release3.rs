//! Release 3 changes the types. The log of bincode stays as it is: its values are read as today's, and new ones go to a
//! second log, each with a frame.

use std::error::Error;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use redb::Database;
use typeser::serializer::SerdeForm;
use typeser::versions::{Stored, Versions};
use typeser::{Serializer, SerializerSnapshot, StateType};
use typeser_state::typed_table::{TableError, TypedTable};
use uuid::Uuid;

use crate::log;

/// The snapshot of release 2's `Ticket`, kept since then: its Rust type is no longer needed.
pub const TICKET_OF_RELEASE_2: &str = include_str!("ticket_of_release_2.snapshot");

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Ticket {
    #[state(convert(SerdeForm<Uuid>, with = SerdeForm::into_inner))]
    pub id: Uuid,
    pub seat: u32,
    #[state(convert(SerdeForm<DateTime<Utc>>, with = SerdeForm::into_inner))]
    pub sold: DateTime<Utc>,
    #[state(default)]
    pub discount: Option<String>,
    pub payment: Payment,
}

#[derive(Debug, Clone, PartialEq, StateType)]
pub enum Payment {
    Card { last_digits: u16 },
    Voucher(String),
    Cash,
}

#[derive(Debug, Clone, PartialEq, StateType)]
pub struct Customer {
    #[state(convert(SerdeForm<DateTime<Utc>>, with = SerdeForm::into_inner))]
    pub since: DateTime<Utc>,
    #[state(alias = "mail")]
    pub address: Option<String>,
    #[state(as = Vec<SerdeForm<Uuid>>)]
    pub tickets: Vec<Uuid>,
}

/// Both logs, and the serializers of their values.
pub struct Tickets {
    of_bincode: PathBuf,
    today: PathBuf,
    versions: Versions<Ticket>,
}

impl Tickets {
    pub fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let before = SerializerSnapshot::from_text(TICKET_OF_RELEASE_2)?;
        let versions = Versions::builder(Serializer::new()?).legacy("before 3.0.0", before).build()?;
        Ok(Self { of_bincode: folder.join("tickets.log"), today: folder.join("tickets-3.log"), versions })
    }

    pub fn sell(&self, ticket: &Ticket) -> Result<(), Box<dyn Error>> {
        Ok(log::append(&self.today, &self.versions.encode(ticket)?)?)
    }

    /// All tickets, the oldest first, each with the release whose layout it has.
    pub fn read(&self) -> Result<Vec<(Ticket, String)>, Box<dyn Error>> {
        let mut tickets = Vec::new();
        for bytes in log::read(&self.of_bincode)? {
            tickets.push(self.ticket(Stored::Legacy(&bytes))?);
        }
        for bytes in log::read(&self.today)? {
            tickets.push(self.ticket(Stored::Framed(&bytes))?);
        }
        Ok(tickets)
    }

    fn ticket(&self, stored: Stored<'_>) -> Result<(Ticket, String), Box<dyn Error>> {
        let releases = self.versions.which(stored)?.join(", ");
        Ok((self.versions.decode(stored)?, releases))
    }
}

/// Migrates the rows that release 2 adopted.
pub fn customers(database: &Database) -> Result<TypedTable<'_, String, Customer>, TableError> {
    TypedTable::open(database, "customers")
}
