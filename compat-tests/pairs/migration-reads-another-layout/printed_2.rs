use typeser::value::ValueError;

impl Track {
    fn migrate(old: typeser::value::Value) -> Result<Self, ValueError> {
        Ok(Self { feet: old.read::<f64>("metres")? / 0.3048 })
    }
}

#[derive(StateType)]
#[state(version = 2, migrate(1 => Track::migrate))]
struct Track {
    feet: f64,
}
