//! The JSON form, for tools and for hand-writing: one field a line, in a stable order, types as in the text form.

mod read;
mod write;

pub(crate) use write::string;
