use typeser::StateType;

#[derive(StateType)]
enum Never {}

fn main() {}
