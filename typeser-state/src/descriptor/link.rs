//! How the declared serializer of a state meets what is stored.

use typeser::migrate::{Adopted, NotAdoptable};
use typeser::resolve::Resolution;
use typeser::{Serializer, StateType};

/// How a declared serializer meets the bytes that are there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Link<'a> {
    /// There are none, or they are migrated: it stays as it is.
    Plain,
    /// They stay as they are: it takes them over.
    Adopt(&'a Resolution),
}

impl<'a> Link<'a> {
    /// The link of a part of a state; plain where nobody said anything.
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
