//! Bytes to pixels: what a file is by its content, decoded as a person would see it, within limits; and containers to
//! the files inside them.
//!
//! Knows no hashes. A file that cannot be decoded is a value, [`Gap`], never an absence.

mod bmp;
mod borders;
mod budget;
mod canvas;
mod decode;
mod exif;
mod forms;
mod gap;
mod gif;
mod ico;
mod jpeg;
mod jpeg_colour;
mod jpeg_scan;
mod jpeg_skip;
#[cfg(feature = "jxl")]
mod jxl;
mod luma;
mod palette;
mod parts;
mod picture;
mod plane;
mod png;
mod raster;
mod sniff;
mod tga;
mod tiff;
mod tiff_directory;
mod tiff_units;
mod webp;
mod yuv;

pub use budget::{Permit, borrow_memory_from, take_file_memory, take_memory};
pub use decode::{decode, decode_each};
pub use gap::{Bound, Gap, Helper, HelperLack, Killed, Limits};
pub use luma::{JpegHeader, Luma, Scale, luma};
pub use parts::{Container, PartBounds, PartName, TakeParts, begins_tar, open_parts, open_stream};
pub use picture::{Form, FormSet, FormedRaster, Picture};
pub use plane::Plane;
pub use raster::Raster;
pub use sniff::{Content, Kind};
pub use yuv::{FrameLayout, yuv420_to_rgb};
