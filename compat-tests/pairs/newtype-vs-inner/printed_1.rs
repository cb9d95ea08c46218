#[derive(StateType)]
struct Id(u64);

#[derive(StateType)]
struct Order {
    #[state(convert(u64, with = Id))]
    id: Id,
}
