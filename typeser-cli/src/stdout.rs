//! Standard output, which may be closed at any time: `typeser rules | head -1` is no mistake.

use std::fmt;
use std::io::{self, Write};

/// Writes to standard output. Once that is closed, what is written is dropped, and the command goes on to its exit code.
pub(crate) struct Stdout {
    out: io::BufWriter<anstream::AutoStream<io::StdoutLock<'static>>>,
}

/// Standard output, held until this is dropped. Call [`flush`](Write::flush) at the end: dropping tells no error.
pub(crate) fn stdout() -> Stdout {
    Stdout { out: io::BufWriter::new(anstream::stdout().lock()) }
}

/// Writes a whole text to standard output.
pub(crate) fn print(text: impl fmt::Display) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "{text}")?;
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
