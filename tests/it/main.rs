//! Everything that uses innerward from outside: its public API, and the binary. No test opens a connection.

mod architecture;
mod demo;
mod golden;
mod hashset;
mod hostile;
mod index;
mod privacy;
mod release;
mod scale;
mod verbs;
mod ward;
