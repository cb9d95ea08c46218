type Key = u32;
