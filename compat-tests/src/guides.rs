//! The examples of the pages are compiled and run.
//!
//! Here, and not in the library that a page is about: a published crate has no pages.

#[doc = include_str!("../../README.md")]
struct Readme;

#[doc = include_str!("../../docs/migrations.md")]
struct Migrations;

#[doc = include_str!("../../docs/stored-bytes.md")]
struct StoredBytes;

#[doc = include_str!("../../docs/leaving-bincode.md")]
struct LeavingBincode;

#[doc = include_str!("../../docs/foreign-types.md")]
struct ForeignTypes;

#[doc = include_str!("../../docs/state.md")]
struct State;

#[doc = include_str!("../../docs/typed-tables.md")]
struct TypedTables;

#[doc = include_str!("../../docs/rollback.md")]
struct Rollback;

#[doc = include_str!("../../docs/rolling-deploys.md")]
struct RollingDeploys;

#[doc = include_str!("../../docs/state-processor.md")]
struct StateProcessor;

#[doc = include_str!("../../docs/functions.md")]
struct Functions;

#[doc = include_str!("../../docs/savepoints-and-upgrades.md")]
struct SavepointsAndUpgrades;
