//! Everything that uses innerward from outside: its public API, and the binary. No test opens a connection.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod architecture;
mod demo;
mod golden;
mod hashset;
mod index;
mod release;
mod verbs;
mod ward;
