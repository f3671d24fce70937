//! Everything that uses innerward from outside: its public API, and the binary. No test opens a connection.

mod architecture;
mod demo;
mod golden;
mod hashset;
mod index;
mod privacy;
mod release;
mod verbs;
mod ward;
