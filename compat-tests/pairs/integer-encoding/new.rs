use typeser::schema::IntegerEncoding;

type Total = u64;

fn snapshot() -> SerializerSnapshot {
    Serializer::<Total>::with_integers(IntegerEncoding::Variable).unwrap().snapshot().clone()
}
