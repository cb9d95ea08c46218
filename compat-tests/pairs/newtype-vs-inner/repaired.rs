#[derive(StateType)]
#[state(transparent)]
struct Id(u64);

#[derive(StateType)]
struct Order {
    id: Id,
}
