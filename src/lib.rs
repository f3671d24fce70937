//! Check content against shared hash lists where the content lies, and share only de-identified counts.
//!
//! The rooms, each of which may know only those before it: [`home`], [`vocabulary`], [`language`], [`kernel`], [`media`],
//! [`digest`], [`hashset`], [`index`], [`jail`], [`screen`], [`tally`], [`release`], [`pull`], [`report`], [`serve`], [`cli`]. A test holds
//! them to it; `docs/architecture.md` says what each owns.

pub mod cli;
pub mod digest;
pub mod hashset;
pub mod home;
pub mod index;
pub mod jail;
pub mod kernel;
pub mod language;
pub mod media;
pub mod pull;
pub mod release;
pub mod report;
pub mod screen;
pub mod serve;
pub mod tally;
pub mod vocabulary;
