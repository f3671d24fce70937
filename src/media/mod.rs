//! Bytes to pixels: what a file is by its content, decoded as a person would see it, within limits.
//!
//! Knows no hashes. A file that cannot be decoded is a value, [`Gap`], never an absence.

mod decode;
mod gap;
mod jpeg;
mod palette;
mod picture;
mod raster;
mod sniff;

pub use decode::decode;
pub use gap::{Gap, Limits};
pub use picture::{Form, FormedRaster, Picture};
pub use raster::Raster;
pub use sniff::{Content, Kind};
