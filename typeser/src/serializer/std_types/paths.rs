//! Paths and strings of the operating system: strings, since the layout holds UTF-8 only.
//!
//! Paths are no keys: `a//b` and `a/./b` equal `a/b` but are other bytes.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::strings::{decode_str, encode_str};
use crate::schema::{NodeId, Sizes};
use crate::serializer::{Describer, StateKey, StateType};
use crate::wire::{DecodeError, EncodeError, EncodeErrorKind, Integers, Reader, Writer};

macro_rules! paths {
    ($($type:ty;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                String::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                encode_path(self, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                decode_str(from).map(|text| Self::from(Path::new(text)))
            }
        }
    )* };
}

paths! {
    PathBuf;
    Box<Path>;
    Rc<Path>;
    Arc<Path>;
}

macro_rules! os_strings {
    ($($type:ty;)*) => { $(
        impl StateType for $type {
            const SIZES: Sizes = Sizes::collection();

            fn describe(to: &mut Describer) -> NodeId {
                String::describe(to)
            }

            #[inline]
            fn encode<W: Writer>(&self, to: &mut W) -> Result<(), EncodeError> {
                encode_os_str(self, to)
            }

            #[inline]
            fn decode<E: Integers>(from: &mut Reader<'_, E>) -> Result<Self, DecodeError> {
                decode_str(from).map(|text| Self::from(OsStr::new(text)))
            }
        }

        impl StateKey for $type {}
    )* };
}

os_strings! {
    OsString;
    Box<OsStr>;
    Rc<OsStr>;
    Arc<OsStr>;
}

#[inline]
fn encode_os_str<W: Writer>(string: &OsStr, to: &mut W) -> Result<(), EncodeError> {
    match string.to_str() {
        Some(text) => {
            encode_str(text, to);
            Ok(())
        }
        None => {
            let what = format!("the string {:?}", string.to_string_lossy());
            Err(EncodeErrorKind::NoForm { what, type_name: "OsString", why: "the layout holds UTF-8" }.into())
        }
    }
}

#[inline]
fn encode_path<W: Writer>(path: &Path, to: &mut W) -> Result<(), EncodeError> {
    match path.to_str() {
        Some(text) => {
            encode_str(text, to);
            Ok(())
        }
        None => Err(EncodeErrorKind::PathNotUtf8 { lossy: path.to_string_lossy().into_owned() }.into()),
    }
}
