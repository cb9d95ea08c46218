//! An ordered typed table.

use std::path::Path;

use redb::Database;
use typeser_state::typed_table::OrderedTable;

use crate::rows::{BATCH, NewOrder, Order, RANGE, order, shuffled, starts};
use crate::{Outcome, Steps};

pub fn run(path: &Path, rows: u64, steps: &mut Steps) -> Outcome<()> {
    let database = Database::create(path)?;
    let orders: Vec<Order> = (0..rows).map(order).collect();
    let table = OrderedTable::<u64, Order>::open(&database, "orders")?;
    steps.measure("insert", || {
        for batch in orders.chunks(BATCH as usize) {
            let transaction = database.begin_write()?;
            let mut table = table.write_in(&transaction)?;
            for order in batch {
                table.insert(&order.number, order)?;
            }
            drop(table);
            transaction.commit()?;
        }
        Ok(rows)
    })?;
    drop(database);
    let database = Database::open(path)?;
    steps.measure("open, nothing to do", || {
        OrderedTable::<u64, Order>::open(&database, "orders")?;
        Ok(1)
    })?;

    let table = OrderedTable::<u64, Order>::open(&database, "orders")?.read()?;
    steps.measure("get and decode", || {
        let mut sum = 0;
        for number in shuffled(rows) {
            sum += u64::from(table.get(&number)?.ok_or("a row is missing")?.cents);
        }
        Ok(sum)
    })?;
    steps.measure("range and decode", || {
        let mut sum = 0;
        for first in starts(rows) {
            for row in table.range(first..first + RANGE)? {
                let (number, order) = row?;
                sum += number ^ u64::from(order.cents);
            }
        }
        Ok(sum)
    })?;
    drop(table);
    steps.measure("migrate", || {
        OrderedTable::<u64, NewOrder>::open(&database, "orders")?;
        Ok(rows)
    })
}
