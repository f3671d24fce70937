//! Bytes to pixels: what a file is by its content, decoded as a person would see it, within limits.
//!
//! Knows no hashes. A file that cannot be decoded is a value, [`Gap`], never an absence.

mod bmp;
mod budget;
mod decode;
mod forms;
mod gap;
mod jpeg;
mod jpeg_scan;
mod jpeg_skip;
mod luma;
mod palette;
mod picture;
mod plane;
mod png;
mod raster;
mod sniff;
mod tiff;

pub use decode::{decode, decode_each};
pub use gap::{Gap, Limits};
pub use luma::{JpegHeader, Luma, Scale, luma};
pub use picture::{Form, FormedRaster, Picture};
pub use plane::Plane;
pub use raster::Raster;
pub use sniff::{Content, Kind};
