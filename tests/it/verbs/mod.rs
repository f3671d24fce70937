//! Every verb on a person's own data, through the binary.

mod lookup;
mod set;
