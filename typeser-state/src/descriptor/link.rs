//! How the declared serializer of a state relates to the stored bytes.

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::resolve::Resolution;
use typeser::{Serializer, StateType};

/// How a declared serializer relates to the stored bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link<'a> {
    /// There are none, or they are migrated: the declared serializer is used unchanged.
    Plain,
    /// They are kept: the declared serializer adopts their layout.
    Adopt(&'a Resolution),
}

impl<'a> Link<'a> {
    /// The link of a part of a state; plain by default.
    pub(crate) fn at(links: &[Self], index: usize) -> Self {
        links.get(index).copied().unwrap_or(Link::Plain)
    }

    pub(crate) fn apply<T: StateType>(self, plain: &Serializer<T>) -> Result<Adopted<T>, NotAdoptable> {
        match self {
            Self::Plain => Ok(Adopted::plain(plain.clone())),
            Self::Adopt(resolution) => resolution.adopt(plain),
        }
    }
}
