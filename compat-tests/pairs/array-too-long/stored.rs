#[derive(StateType)]
struct Marks {
    marks: [(); 70_000],
}
