/// A struct without fields.
fn snapshot() -> SerializerSnapshot {
    let json = r#"{"typeser-snapshot": 1, "root": "Wide", "types": [{"struct": "Wide", "fields": []}]}"#;
    SerializerSnapshot::from_json(json).unwrap()
}
