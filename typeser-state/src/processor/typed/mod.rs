//! Reading and filling state with the types of the program.

pub(crate) mod bootstrap;
pub(crate) mod keys;
pub(crate) mod read;
