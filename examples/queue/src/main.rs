//! Runs all releases over one file, one after the other.
//!
//! ```sh
//! cargo run -p queue
//! ```

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    queue::story::run(&folder.path().join("queue.redb"), &mut std::io::stdout().lock())
}
