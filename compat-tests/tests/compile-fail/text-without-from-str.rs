use typeser::StateType;

struct Color(u32);

impl std::fmt::Display for Color {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

#[derive(StateType)]
struct Theme {
    #[state(text)]
    background: Color,
    #[state(text)]
    others: Vec<Color>,
}

fn main() {}
