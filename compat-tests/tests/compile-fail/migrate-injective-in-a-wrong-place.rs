use typeser::StateType;

#[derive(StateType)]
#[state(version = 2, migrate(injective, 1 => first))]
struct A;

#[derive(StateType)]
#[state(version = 2, migrate(1 => first, injective = true))]
struct B;

#[derive(StateType)]
#[state(version = 2, migrate(1 => first, injective, injective))]
struct C;

#[derive(StateType)]
#[state(version = 2, migrate(1 => first injective))]
struct D;

#[derive(StateType)]
#[state(version = 2, migrate(1 => first, one_to_one))]
struct E;

#[derive(StateType)]
struct F {
    #[state(serde(name = "f", version = 2, migrate(1 => first, injective)))]
    f: u32,
}

fn main() {}
