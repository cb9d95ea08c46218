//! One value in a file: each run loads what the run before saved, whatever release that was.

use typeser::file::{self, FileOptions};

/// The first release had the volume only.
mod release_1 {
    #[derive(typeser::StateType)]
    pub(crate) struct Settings {
        pub(crate) volume: u8,
    }
}

#[derive(typeser::StateType, Debug, Default)]
struct Settings {
    volume: u8,
    #[state(default = true)]
    music: bool,
}

#[allow(clippy::print_stdout, reason = "the output of the example")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join("typeser-settings");
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("settings.typeser");
    if !path.exists() {
        FileOptions::new().release("1.0.0").save(&path, &release_1::Settings { volume: 7 })?;
    }

    let mut settings: Settings = file::load(&path)?;
    settings.volume = settings.volume.wrapping_add(1);
    FileOptions::new().release("2.0.0").save(&path, &settings)?;
    println!("{}: {settings:?}", path.display());
    Ok(())
}
