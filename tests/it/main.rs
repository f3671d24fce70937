//! Everything that uses innerward from outside: its public API, and the binary. No test opens a connection but to a
//! server of its own on this machine.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod animations;
mod architecture;
mod audit;
#[cfg(feature = "backup")]
mod backup;
mod classic;
mod crowding;
mod demo;
mod golden;
mod hashset;
mod heif;
mod hma_migrate;
mod hostile;
mod index;
mod jail;
mod killed;
mod log;
mod luma;
mod optional_forms;
mod packages;
mod privacy;
mod publisher;
mod quick_look;
mod release;
mod scale;
mod serve;
mod server;
mod site;
mod survives;
mod utility;
mod verbs;
mod video;
mod ward;
