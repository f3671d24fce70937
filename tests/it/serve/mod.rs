//! `innerward serve` as its users meet it: the binary, real sockets, real signals, faults.

mod doors;
mod faults;
mod follow;
mod guide;
mod hma_client;
mod hostile;
mod http;
mod killed;
mod live;
mod load;
mod service;
mod shadow;
mod soak;
