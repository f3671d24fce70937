//! `innerward serve` as its users meet it: the binary, real sockets, real signals, faults.

mod deploy;
mod doctor;
mod doors;
mod faults;
mod follow;
mod full_disk;
mod guide;
mod hma_client;
mod hostile;
mod http;
mod killed;
mod live;
mod load;
mod public;
mod service;
mod shadow;
mod soak;
