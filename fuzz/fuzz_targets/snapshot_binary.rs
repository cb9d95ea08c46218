#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| typeser_fuzz::check("snapshot_binary", bytes));
