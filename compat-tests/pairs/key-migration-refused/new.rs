type Key = u64;
