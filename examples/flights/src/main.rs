//! Four releases of one small program, and the state that survives them.

fn main() {}
