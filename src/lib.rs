//! Check content against shared hash lists where the content lies, and share only de-identified counts.
//!
//! The rooms, in the order in which they may know each other: [`home`], [`vocabulary`], [`kernel`], [`digest`],
//! [`hashset`], [`tally`]. See `docs/architecture.md`.

pub mod digest;
pub mod hashset;
pub mod home;
pub mod index;
pub mod kernel;
pub mod media;
pub mod release;
pub mod report;
pub mod tally;
pub mod vocabulary;
