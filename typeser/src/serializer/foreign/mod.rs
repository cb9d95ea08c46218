//! Values of types that cannot implement `StateType`: what the attributes `text`, `as` and `remote` generate code for.

mod collections;
mod form;
mod mirror;
mod stand_in;
mod text;

pub use collections::{Each, Entries, Parts};
pub use form::{Form, Same, Stored, store};
pub use mirror::Mirrors;
pub use stand_in::{
    ByMirror, ByReference, ByValue, Given, HasOrigin, Origin, Probe, ReadBack, StandIn, ValueStandIn, give, give_back,
};
pub use text::{AsText, TextForm, TextValue};
