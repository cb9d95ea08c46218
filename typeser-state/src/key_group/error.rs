//! What can be wrong with a number or a range of key groups.

/// Why there is no such max parallelism, range of key groups, or instance. Its text says which numbers there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct KeyGroupError(#[from] InvalidKeyGroups);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidKeyGroups {
    #[error("a max parallelism is 1 to {largest}, not {found}")]
    MaxParallelism { found: u32, largest: u32 },
    #[error("key groups {first} to {last} are none: the first lies behind the last")]
    Empty { first: u16, last: u16 },
    #[error(
        "a parallelism of {parallelism} does not fit a max parallelism of {max_parallelism}: there can be 1 to \
         {max_parallelism} instances"
    )]
    Parallelism { parallelism: u32, max_parallelism: u32 },
    #[error("of {parallelism} instances, numbered from 0, none is instance {instance}")]
    Instance { instance: u32, parallelism: u32 },
}
