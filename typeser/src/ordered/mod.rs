//! The ordered form of values: bytes that compare as the values do.
//!
//! It is an outer form of the fixed encoding: [`OrderedForm::encode`] makes ordered bytes of fixed ones, and
//! [`OrderedForm::decode`] makes fixed bytes of ordered ones. The layout alone says how. `docs/format.md` draws it.
//!
//! ```
//! use typeser::ordered::OrderedForm;
//! use typeser::{Serializer, TypeSerializer};
//!
//! let serializer = Serializer::<(u16, String)>::new()?;
//! let form = OrderedForm::new(serializer.snapshot().schema())?;
//! let ordered = |key: &(u16, String)| {
//!     let (mut fixed, mut ordered) = (Vec::new(), Vec::new());
//!     serializer.serialize(key, &mut fixed)?;
//!     form.encode(&fixed, &mut ordered)?;
//!     Ok::<_, Box<dyn std::error::Error>>(ordered)
//! };
//! assert_eq!(ordered(&(258, "ab".to_owned()))?, [1, 2, b'a', b'b', 0]);
//! assert!(ordered(&(2, "b".to_owned()))? < ordered(&(258, "ab".to_owned()))?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compile;
mod form;
mod program;
mod run;
mod same;

pub use compile::NotOrdered;
pub use form::OrderedForm;
