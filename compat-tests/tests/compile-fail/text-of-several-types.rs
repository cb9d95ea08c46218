use typeser::StateType;

#[derive(StateType)]
struct Log {
    #[state(text)]
    by_address: std::collections::BTreeMap<std::net::IpAddr, Version>,
    #[state(text)]
    lines: Vec<String>,
    #[state(text(Versions))]
    versions: Vec<Version>,
    #[state(text("Version"))]
    quoted: Version,
    #[state(text(name = "duration"))]
    reserved: Version,
    #[state(text = "version")]
    value: Version,
    #[state(text(names = "version"))]
    unknown: Version,
}

struct Version(u8);

fn main() {}
