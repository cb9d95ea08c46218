#[derive(StateType)]
enum Status {
    Open,
    #[state(alias("Deleted", "Removed"))]
    Gone { by: String },
}
