//! Files that are written as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes a file under a temporary name, renames it when its bytes are on the disk, and makes the name durable. After
/// an error, `path` is as it was before. A file that is replaced hands on its permissions.
///
/// The temporary name begins with a dot and lies in the same folder.
///
/// # Errors
/// Those of the system.
#[doc(hidden)]
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?.to_string_lossy();
    // Two threads may write the same file at the same time.
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let (process, write) = (std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed));
    let temporary = path.with_file_name(format!(".{name}.{process}.{write}.tmp"));
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions());
    let write = || {
        let mut file = File::create(&temporary)?;
        // Before its bytes, which others may not be meant to read.
        if let Ok(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    // Only Unix opens folders as files; elsewhere the system makes renames durable itself.
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::write_atomically;

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_else_is_left() -> std::io::Result<()> {
        let folder = std::env::temp_dir().join(format!("typeser-atomic-{}", std::process::id()));
        fs::create_dir_all(folder.join("taken/inside"))?;
        write_atomically(&folder.join("file"), b"one")?;
        write_atomically(&folder.join("file"), b"two")?;
        assert_eq!(fs::read(folder.join("file"))?, b"two");
        // A folder that is not empty cannot be replaced by a file.
        assert!(write_atomically(&folder.join("taken"), b"three").is_err());
        let mut left: Vec<_> =
            fs::read_dir(&folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
        left.sort();
        assert_eq!(left, ["file", "taken"]);
        fs::remove_dir_all(folder)
    }
}
