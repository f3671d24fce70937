//! The forms of a picture on their way to whoever hashes them: one after another, none kept.

use image::metadata::Orientation;

use super::{Form, FormSet, FormedRaster, Limits, Raster, borders, exif};

/// Passes forms on, but for those that nobody wants and those that have the pixels of an earlier one.
pub(super) struct Forms<'a> {
    sink: &'a mut dyn FnMut(FormedRaster),
    wanted: FormSet,
    /// What stands for the pixels that were passed on, which are gone by now.
    seen: Vec<blake3::Hash>,
    /// True if peers turn pictures of this kind as their tags say.
    peers_turn: bool,
    /// True if the C++ tool would read the samples as they are.
    eight_bits: bool,
    /// True if colours were multiplied by their alpha.
    multiplied: bool,
    /// True if pages follow, which may have the same pixels.
    several: bool,
    /// The number of the frame or page that is being read, from 1.
    page: u16,
    /// Frames or pages passed on beside the first.
    pages: u16,
    /// Pixels of further frames or pages that may yet be made.
    pixels_left: u64,
}

/// Frames and pages that are looked at, each of which may be the same as an earlier one.
const MOST_PAGES: u16 = 1024;

impl<'a> Forms<'a> {
    pub(super) fn new(sink: &'a mut dyn FnMut(FormedRaster), limits: &Limits, peers_turn: bool) -> Self {
        Self {
            sink,
            wanted: limits.forms,
            seen: Vec::new(),
            peers_turn,
            eight_bits: true,
            multiplied: false,
            several: false,
            page: 1,
            pages: 0,
            pixels_left: limits.max_pixels,
        }
    }

    /// The samples were stored with more than 8 bits, or fewer, which the C++ tool reads as something else.
    pub(super) fn not_eight_bits(&mut self) {
        self.eight_bits = false;
    }

    /// Says whether the colours of the page at hand were multiplied by their alpha.
    pub(super) fn set_multiplied(&mut self, multiplied: bool) {
        self.multiplied = multiplied;
    }

    /// Bytes for each pixel of a form with `channels`, beside those that every decoder reckons with.
    pub(super) fn extra_bytes(&self, channels: u64) -> u64 {
        if self.wanted.borderless { channels } else { 0 }
    }

    /// True if further frames or pages are asked for.
    pub(super) fn wants_pages(&self) -> bool {
        self.wanted.frames
    }

    /// Pages follow, and are to be compared with the first.
    pub(super) fn expect_pages(&mut self) {
        self.several = true;
    }

    /// Turns to the next frame or page, of so many pixels; false if it is beyond what may be looked at.
    ///
    /// What is passed on from now on is that frame, and only as a person sees it.
    pub(super) fn next_page(&mut self, pixels: u64) -> bool {
        if self.page == MOST_PAGES || self.pages == Limits::MAX_FRAMES || pixels > self.pixels_left {
            return false;
        }
        self.page += 1;
        self.pixels_left -= pixels;
        true
    }

    /// Passes on one of several forms.
    pub(super) fn give(&mut self, form: Form, raster: Raster) {
        let form = match form {
            Form::Correct if self.page > 1 => Form::Frame(self.page),
            _ if self.page > 1 => return,
            other => other,
        };
        if !self.wanted.has(form) || !self.remember(&raster) {
            return;
        }
        if matches!(form, Form::Frame(_)) {
            self.pages += 1;
        }
        let bare = if form == Form::Correct { self.bare(&raster) } else { None };
        (self.sink)(FormedRaster { form, raster });
        if let Some(bare) = bare {
            self.give(Form::Borderless, bare);
        }
    }

    /// True if these pixels are new.
    pub(super) fn remember(&mut self, raster: &Raster) -> bool {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&raster.width().to_le_bytes());
        hasher.update(&raster.height().to_le_bytes());
        // With the sides known, the number of samples tells grey from colour.
        hasher.update(raster.samples());
        let pixels = hasher.finalize();
        let new = !self.seen.contains(&pixels);
        if new {
            self.seen.push(pixels);
        }
        new
    }

    /// Passes on what a peer reads, before any turning.
    pub(super) fn compat(&mut self, raster: Raster, orientation: Orientation) {
        let turn = if self.peers_turn { orientation } else { Orientation::NoTransforms };
        self.give(Form::Compat, raster.oriented(turn));
    }

    /// Passes on the forms of a picture that a peer reads as a person does, but for the orientation.
    pub(super) fn plain(&mut self, shown: Raster, orientation: Orientation) {
        let stretched = self.stretched(&shown);
        let turned = orientation != Orientation::NoTransforms && !self.peers_turn;
        if !(turned || stretched.is_some() || self.several || self.wanted.borderless) {
            // Nothing follows that could have the same pixels.
            let raster = shown.oriented(orientation);
            return (self.sink)(FormedRaster { form: Form::Correct, raster });
        }
        if !turned {
            self.give(Form::Correct, shown.oriented(orientation));
        } else {
            self.give(Form::Correct, shown.turned(orientation));
            self.give(Form::Compat, shown);
        }
        if let Some(raster) = stretched {
            self.give(Form::Stretch512, raster);
        }
    }

    /// What the C++ tool makes of opaque colours, which must not be turned yet; `None` if nothing else than they are.
    ///
    /// It takes the nearest pixel, and makes a side longer if only the other one is too long.
    pub(super) fn stretched(&self, stored: &Raster) -> Option<Raster> {
        const SIDE: u32 = 512;
        let wanted = self.wanted.stretch512 && self.eight_bits && self.page == 1;
        (wanted && stored.width().max(stored.height()) > SIDE && !stored.samples().is_empty())
            .then(|| stored.nearest(SIDE, SIDE))
    }

    fn bare(&self, shown: &Raster) -> Option<Raster> {
        let area = if self.wanted.borderless { borders::inside(shown)? } else { return None };
        Some(shown.cropped(area))
    }

    /// Passes on the forms of a picture whose last channel, of two or four, is its alpha.
    pub(super) fn blended(
        &mut self,
        width: u32,
        height: u32,
        channels: usize,
        samples: Vec<u8>,
        orientation: Orientation,
    ) {
        let colours = channels - 1;
        let raster = |samples| match colours {
            1 => Raster::grey(width, height, samples),
            _ => Raster::rgb(width, height, samples),
        };
        if samples.chunks_exact(channels).all(|pixel| pixel[colours] == 255) {
            // Four channels are an error to the C++ tool, whatever the fourth holds.
            self.eight_bits = false;
            return self.plain(raster(without_alpha(samples, channels)), orientation);
        }
        for (form, background) in [(Form::Correct, 255), (Form::CorrectBlack, 0)] {
            if self.page > 1 && form == Form::CorrectBlack {
                return;
            }
            let mut over = Vec::with_capacity(width as usize * height as usize * colours);
            for pixel in samples.chunks_exact(channels) {
                let alpha = pixel[colours];
                over.extend(pixel[..colours].iter().map(|sample| {
                    if self.multiplied {
                        sample.saturating_add(blend(0, alpha, background))
                    } else {
                        blend(*sample, alpha, background)
                    }
                }));
            }
            self.give(form, raster(over).oriented(orientation));
        }
        let mut samples = samples;
        if self.multiplied {
            if colours == 1 {
                // Pillow opens this, and cannot make colours of it.
                return;
            }
            samples.chunks_exact_mut(channels).for_each(divide);
        }
        self.compat(raster(without_alpha(samples, channels)), orientation);
    }
}

/// Divides colours by their alpha, the last channel, as Pillow does: cut, not rounded, and black without any.
fn divide(pixel: &mut [u8]) {
    let Some((&mut alpha, colours)) = pixel.split_last_mut() else { return };
    for colour in colours {
        let divided = (u32::from(*colour) * 255).checked_div(alpha.into()).unwrap_or(0);
        *colour = divided.min(255) as u8;
    }
}

/// The orientation of a chunk of EXIF, which some writers begin as JPEG does.
pub(super) fn exif_orientation(chunk: &[u8]) -> Option<Orientation> {
    exif::orientation(chunk.strip_prefix(b"Exif\0\0").unwrap_or(chunk))
}

/// A sample over a grey background, rounded to the nearest.
pub(super) fn blend(sample: u8, alpha: u8, background: u8) -> u8 {
    let (sample, alpha, background) = (u32::from(sample), u32::from(alpha), u32::from(background));
    ((sample * alpha + background * (255 - alpha) + 127) / 255) as u8
}

/// Moves the other channels together, in place.
fn without_alpha(mut samples: Vec<u8>, channels: usize) -> Vec<u8> {
    let colours = channels - 1;
    let pixels = samples.len() / channels;
    for pixel in 0..pixels {
        samples.copy_within(pixel * channels..pixel * channels + colours, pixel * colours);
    }
    samples.truncate(pixels * colours);
    samples
}
