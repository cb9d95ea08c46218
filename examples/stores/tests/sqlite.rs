//! SQLite: rows of two releases in one column, and all of them rewritten in one transaction.

use std::error::Error;

use rusqlite::{Connection, params};
use stores::{order, release_1, versions};
use typeser::versions::Frame;

#[test]
fn rows_of_two_releases() -> Result<(), Box<dyn Error>> {
    let mut database = Connection::open_in_memory()?;
    database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, body BLOB NOT NULL)", [])?;
    let insert = "INSERT INTO orders VALUES (?1, ?2)";

    let first = release_1::versions(Frame::Fingerprint)?;
    for id in 1..=3 {
        database.execute(insert, params![id, first.encode(&release_1::order(id))?])?;
    }

    let second = versions(Frame::Fingerprint)?;
    database.execute(insert, params![4, second.encode(&order(4))?])?;
    let rows = |database: &Connection| -> Result<Vec<(u64, Vec<u8>)>, rusqlite::Error> {
        let mut select = database.prepare("SELECT id, body FROM orders ORDER BY id")?;
        select.query_map([], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))?.collect()
    };
    let stored = rows(&database)?;
    for (id, body) in &stored {
        assert_eq!(second.decode(body)?, order(*id));
    }
    let survey = second.survey(stored.iter().map(|(_, body)| body));
    let values: Vec<u64> = survey.layouts.iter().map(|layout| layout.values).collect();
    assert_eq!((values, survey.unreadable), (vec![1, 3], 0));

    let transaction = database.transaction()?;
    for (id, body) in &stored {
        let mut upgraded = Vec::new();
        second.upgrade(body, &mut upgraded)?;
        transaction.execute("UPDATE orders SET body = ?2 WHERE id = ?1", params![*id as i64, upgraded])?;
    }
    transaction.commit()?;
    for (id, body) in rows(&database)? {
        assert_eq!(second.which(&body)?, ["today"]);
        assert_eq!(second.decode(&body)?, order(id));
    }
    Ok(())
}
