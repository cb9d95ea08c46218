//! Standard output, whose reader may close it at any time: `typeser rules | head -1` is not an error.

use std::fmt;
use std::io::{self, Write};

use typeser::text::{json_without_unseen, without_commands};

/// Writes to standard output. Once its reader has closed it, output is dropped, and the command still ends with its own
/// exit code.
pub(crate) struct Stdout {
    out: io::BufWriter<anstream::AutoStream<io::StdoutLock<'static>>>,
}

/// Standard output, locked until this is dropped. Call [`flush`](Write::flush) at the end: dropping ignores errors.
pub(crate) fn stdout() -> Stdout {
    Stdout { out: io::BufWriter::new(anstream::stdout().lock()) }
}

/// Writes a whole text to standard output. None of its lines is a command for a CI system.
pub(crate) fn print(text: impl fmt::Display) -> io::Result<()> {
    let mut out = stdout();
    out.write_all(without_commands(&text.to_string()).as_bytes())?;
    out.flush()
}

/// Writes a JSON document to standard output.
pub(crate) fn print_json(document: &serde_json::Value) -> io::Result<()> {
    let mut out = stdout();
    writeln!(out, "{}", json_without_unseen(&format!("{document:#}")))?;
    out.flush()
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        closed_is_fine(self.out.write(bytes), bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        closed_is_fine(self.out.flush(), ())
    }
}

fn closed_is_fine<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(reason) if reason.kind() == io::ErrorKind::BrokenPipe => Ok(all),
        written => written,
    }
}
