#[derive(StateType)]
enum Status {
    Open,
    Deleted { by: String },
    Removed { by: String },
}
