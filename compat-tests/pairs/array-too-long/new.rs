#[derive(StateType)]
struct Marks {
    marks: [Option<()>; 70_000],
}
