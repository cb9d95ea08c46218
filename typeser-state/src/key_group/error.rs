//! What can be wrong with a number or a range of key groups.

/// Why there is no such max parallelism, range of key groups, or instance. Its text says which numbers there can be.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct KeyGroupError(#[from] InvalidKeyGroups);

typeser::text::debug_as_display!(KeyGroupError);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidKeyGroups {
    #[error("a max parallelism of {found} is not possible: it is 1 to {largest}")]
    MaxParallelism { found: u32, largest: u32 },
    #[error("there are no key groups {first} to {last}: the first is greater than the last")]
    Empty { first: u16, last: u16 },
    #[error(
        "a parallelism of {parallelism} does not fit a max parallelism of {max_parallelism}: there can be 1 to \
         {max_parallelism} instances"
    )]
    Parallelism { parallelism: u32, max_parallelism: u32 },
    #[error(
        "there is no instance {instance}: {parallelism} instances are numbered from 0 to {}",
        parallelism.saturating_sub(1)
    )]
    Instance { instance: u32, parallelism: u32 },
}
