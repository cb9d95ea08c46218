use typeser::StateType;

#[derive(StateType)]
struct Order {
    #[state(serde)]
    a: u8,
    #[state(serde())]
    b: u8,
    #[state(serde(version = 1))]
    c: u8,
    #[state(serde(name = "d"))]
    d: u8,
    #[state(serde(name = "e", version = 0))]
    e: u8,
    #[state(serde(name = f, version = "1"))]
    f: u8,
    #[state(serde(name = "g", version = 1, rename = "h"))]
    g: u8,
    #[state(serde(name = "h", version = 1, injective))]
    h: u8,
    #[state(serde(name = "list", version = 1))]
    i: u8,
    #[state(serde(name = "j", name = "k", version = 1))]
    j: u8,
    #[state(serde = "k")]
    k: u8,
    #[state(serde(name = "l", version = 2, migrate(1 => old, 1 => older, 2 => current)))]
    l: u8,
    #[state(serde(name = "m", version = 1, canonical = true))]
    m: u8,
    #[state(serde(name = "n", version = 1, canonical, canonical))]
    n: u8,
    #[state(serde(name = "o", version = 2, migrate("old")))]
    o: u8,
}

fn main() {}
