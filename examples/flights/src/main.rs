//! Four releases of one small program, and the state that survives them.

mod data;
mod program;
mod release1;
mod release2;
mod release3;
mod release4;

fn main() {}
