#[derive(StateType)]
struct Due {
    at: i64,
    priority: u8,
}

fn snapshot() -> SerializerSnapshot {
    Serializer::<Due>::new().unwrap().snapshot().in_order().unwrap()
}
