//! A service has kept its subscriptions in redb for years, as plain bincode. This takes its table over, and then changes
//! the type of what is in it.
//!
//! ```sh
//! cargo run -p typeser-state --example adopt
//! ```

use std::error::Error;
use std::io::Write;
use std::path::Path;

use redb::{Database, TableDefinition};
use typeser::schema::IntegerEncoding;
use typeser_state::typed_table::{TableOptions, TypedTable};

/// The service as it was: serde, bincode, redb.
mod service {
    use super::{Database, Error, TableDefinition};

    /// What it stores. Only `StateType` is new.
    #[derive(serde::Serialize, serde::Deserialize, typeser::StateType)]
    pub(super) struct Subscription {
        pub plan: Plan,
        pub seats: u16,
        pub since: u32,
        pub note: Option<String>,
    }

    #[derive(serde::Serialize, serde::Deserialize, typeser::StateType)]
    pub(super) enum Plan {
        Free,
        Trial { days: u8 },
        Team,
    }

    const SUBSCRIPTIONS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("subscriptions");

    /// Years of work.
    pub(super) fn run(database: &Database) -> Result<(), Box<dyn Error>> {
        let config = bincode::config::standard();
        let transaction = database.begin_write()?;
        {
            let mut table = transaction.open_table(SUBSCRIPTIONS)?;
            for number in 0..2_500u32 {
                let email = format!("user{number}@example.org");
                let subscription = Subscription {
                    plan: match number % 3 {
                        0 => Plan::Free,
                        1 => Plan::Trial { days: 14 },
                        _ => Plan::Team,
                    },
                    seats: (number % 400) as u16,
                    since: 19_000 + number,
                    note: (number % 7 == 0).then(|| format!("called on day {number}")),
                };
                let key = bincode::serde::encode_to_vec(&email, config)?;
                let value = bincode::serde::encode_to_vec(&subscription, config)?;
                table.insert(&*key, &*value)?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// The next release, before anybody has said what becomes of the trials.
mod draft {
    #[derive(typeser::StateType)]
    pub(super) struct Subscription {
        pub plan: Plan,
        pub seats: u32,
        pub since: u32,
    }

    #[derive(typeser::StateType)]
    pub(super) enum Plan {
        Team,
        Free,
    }
}

/// The next release.
mod release_2 {
    #[derive(typeser::StateType, Debug)]
    #[state(removed("note"))]
    pub(super) struct Subscription {
        pub plan: Plan,
        pub seats: u32,
        pub since: u32,
        #[state(default = "EUR".to_owned())]
        pub currency: String,
    }

    #[derive(typeser::StateType, Debug)]
    #[state(removed("Trial", becomes = Plan::Free))]
    pub(super) enum Plan {
        Team,
        Free,
    }
}

/// Runs the example and writes its output to `out`.
pub fn story(path: &Path, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let database = Database::create(path)?;
    service::run(&database)?;
    writeln!(out, "The service has written 2500 subscriptions with bincode 2.\n")?;

    writeln!(out, "Adopting them with a type that has changed already:")?;
    let adopted =
        TypedTable::<String, draft::Subscription>::adopt(&database, "subscriptions", IntegerEncoding::Variable);
    match adopted {
        Ok(_) => writeln!(out, "  adopted")?,
        Err(refused) => {
            let text = refused.to_string();
            let lines: Vec<&str> = text.lines().collect();
            for line in lines.iter().take(3).chain(&lines[lines.len() - 3..]) {
                writeln!(out, "  {line}")?;
            }
        }
    }

    writeln!(out, "\nAdopting them with the type that wrote them:")?;
    let table =
        TypedTable::<String, service::Subscription>::adopt(&database, "subscriptions", IntegerEncoding::Variable)?;
    writeln!(out, "  {} rows agree, no byte has changed", table.len()?)?;

    writeln!(out, "\nOpening them with the draft of release 2:")?;
    match TypedTable::<String, draft::Subscription>::open(&database, "subscriptions") {
        Ok(_) => writeln!(out, "  opened")?,
        Err(refused) => writeln!(out, "{refused}")?,
    }

    writeln!(out, "Opening them with release 2, which says what becomes of each:")?;
    let options = TableOptions::new().with_batches(1_000, 1 << 20);
    let table = TypedTable::<String, release_2::Subscription>::open_with(
        &database,
        "subscriptions",
        &options,
        &mut |progress| {
            // The table is migrated whatever becomes of this line.
            let _ = writeln!(out, "  {} rows migrated", progress.rows);
        },
    )?;
    for number in [1, 2, 2_499] {
        let email = format!("user{number}@example.org");
        writeln!(out, "  {email}: {:?}", table.get(&email)?)?;
    }
    Ok(())
}

#[allow(dead_code, reason = "the test of this example includes it as a module, and calls the story")]
fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    story(&folder.path().join("service.redb"), &mut std::io::stdout().lock())
}
