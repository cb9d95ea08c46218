//! native_db, which stores the same rows with bincode in redb.

use std::path::Path;

use native_db::{Builder, Models};

use crate::rows::{BATCH, NewOrder, Order, RANGE, order, shuffled, starts};
use crate::{Outcome, Steps};

pub fn run(path: &Path, rows: u64, steps: &mut Steps) -> Outcome<()> {
    let mut models = Models::new();
    models.define::<Order>()?;
    models.define::<NewOrder>()?;
    let database = Builder::new().create(&models, path)?;
    let orders: Vec<Order> = (0..rows).map(order).collect();
    steps.measure("insert", || {
        for batch in orders.chunks(BATCH as usize) {
            let transaction = database.rw_transaction()?;
            for order in batch {
                transaction.insert(order.clone())?;
            }
            transaction.commit()?;
        }
        Ok(rows)
    })?;
    drop(database);
    let database = Builder::new().open(&models, path)?;
    let transaction = database.r_transaction()?;
    steps.measure("get and decode", || {
        let mut sum = 0;
        for number in shuffled(rows) {
            sum += u64::from(transaction.get().primary::<Order>(number)?.ok_or("a row is missing")?.cents);
        }
        Ok(sum)
    })?;
    steps.measure("range and decode", || {
        let mut sum = 0;
        for first in starts(rows) {
            for order in transaction.scan().primary::<Order>()?.range(first..first + RANGE)? {
                let order = order?;
                sum += order.number ^ u64::from(order.cents);
            }
        }
        Ok(sum)
    })?;
    drop(transaction);
    steps.measure("migrate", || {
        let transaction = database.rw_transaction()?;
        transaction.migrate::<NewOrder>()?;
        transaction.commit()?;
        Ok(rows)
    })
}
