type Total = u64;
