/// 1,000 tuples in a ring. One holds a wider integer than the others, or all would be the same.
fn snapshot() -> SerializerSnapshot {
    let tuple = |at: u32| {
        let integer = if at == 0 { "u16" } else { "u8" };
        format!(r#"{{"type": "${at}", "is": "(option<${}>, {integer})"}}"#, (at + 1) % 1000)
    };
    let tuples: Vec<String> = (0..1000).map(tuple).collect();
    let json = format!(r#"{{"typeser-snapshot": 1, "root": "$0", "types": [{}]}}"#, tuples.join(", "));
    SerializerSnapshot::from_json(&json).unwrap()
}
