//! Why a command could not be completed.

/// Why a command could not be completed, with what to do next.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Arguments that contradict each other in a way that the argument parser cannot detect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);
