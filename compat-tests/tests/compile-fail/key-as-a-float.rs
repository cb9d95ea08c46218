use typeser::StateType;

#[derive(Clone, PartialEq, Eq, Hash)]
struct Celsius(i32);

impl From<Celsius> for f64 {
    fn from(celsius: Celsius) -> f64 {
        celsius.0.into()
    }
}

impl From<f64> for Celsius {
    fn from(celsius: f64) -> Celsius {
        Celsius(celsius as i32)
    }
}

#[derive(PartialEq, Eq, Hash, StateType)]
#[state(key)]
struct Key {
    #[state(as(f64, canonical))]
    at: Celsius,
}

fn main() {}
