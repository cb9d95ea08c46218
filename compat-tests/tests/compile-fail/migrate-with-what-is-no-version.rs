use typeser::StateType;

#[derive(StateType)]
#[state(version = 3, migrate)]
struct A;

#[derive(StateType)]
#[state(version = 3, migrate(first))]
struct B;

#[derive(StateType)]
#[state(version = 3, migrate(1))]
struct C;

#[derive(StateType)]
#[state(version = 3, migrate(0 => first))]
struct D;

#[derive(StateType)]
#[state(version = 3, migrate("1" => first))]
struct E;

#[derive(StateType)]
#[state(version = 3, migrate(1u8 => first))]
struct F;

#[derive(StateType)]
#[state(version = 3, migrate(1 = first))]
struct G;

#[derive(StateType)]
#[state(version = 3, migrate(1 =>))]
struct H;

#[derive(StateType)]
#[state(version = 3, migrate(1 => "first"))]
struct I;

#[derive(StateType)]
#[state(version = 3, migrate(=> first))]
struct J;

fn main() {}
