#[derive(StateType)]
struct Point {
    #[state(alias = "b")]
    y: u8,
    #[state(alias = "a")]
    x: u8,
}

/// What a release between wrote: the two of them the other way round.
#[derive(StateType)]
#[state(name = "Point")]
struct Mirrored {
    x: u8,
    y: u8,
}

fn straight(point: Mirrored) -> Point {
    Point { x: point.y, y: point.x }
}

#[derive(StateType)]
struct Holder {
    #[state(convert(Mirrored, with = straight))]
    point: Point,
}
