#[derive(StateType)]
struct Due {
    priority: u8,
    at: i64,
}

fn snapshot() -> SerializerSnapshot {
    Serializer::<Due>::new().unwrap().snapshot().in_order().unwrap()
}
