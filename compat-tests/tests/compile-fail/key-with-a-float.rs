use typeser::StateType;

#[derive(PartialEq, StateType)]
#[state(key)]
struct Place {
    name: String,
    latitude: f64,
}

impl Eq for Place {}

impl std::hash::Hash for Place {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

fn main() {}
