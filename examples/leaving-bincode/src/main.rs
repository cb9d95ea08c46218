//! Runs all releases over one folder, one after the other.
//!
//! ```sh
//! cargo run -p leaving-bincode
//! ```

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    leaving_bincode::story::run(folder.path(), &mut std::io::stdout().lock())
}
