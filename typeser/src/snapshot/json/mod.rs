//! The JSON form, for tools and for hand-writing: one field a line, in a stable order, types as in the text form.

mod encode;
mod read;
mod value;
mod write;

pub(crate) use encode::encode;
pub(crate) use value::{Json, parse, parse_at};
pub(crate) use write::string;
