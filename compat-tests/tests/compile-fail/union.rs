use typeser::StateType;

#[derive(StateType)]
union Either {
    integer: u32,
    float: f32,
}

fn main() {}
