#[derive(StateType)]
struct Point {
    a: u8,
    b: u8,
}

#[derive(StateType)]
struct Holder {
    point: Point,
}
