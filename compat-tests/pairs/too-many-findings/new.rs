/// The same struct with 10,001 optional fields.
fn snapshot() -> SerializerSnapshot {
    let field = |at: u32| format!(r#"{{"name": "f{at}", "type": "option<u8>"}}"#);
    let fields: Vec<String> = (0..10_001).map(field).collect();
    let json = format!(
        r#"{{"typeser-snapshot": 1, "root": "Wide", "types": [{{"struct": "Wide", "fields": [{}]}}]}}"#,
        fields.join(", ")
    );
    SerializerSnapshot::from_json(&json).unwrap()
}
