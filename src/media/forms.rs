//! The forms of a picture on their way to whoever hashes them: one after another, none kept.

use image::metadata::Orientation;

use super::{Form, FormedRaster, Raster};

/// Passes forms on, but for those that have the pixels of an earlier one.
pub(super) struct Forms<'a> {
    sink: &'a mut dyn FnMut(FormedRaster),
    /// What stands for the pixels that were passed on, which are gone by now.
    seen: Vec<blake3::Hash>,
    /// True if peers turn pictures of this kind as their tags say.
    peers_turn: bool,
}

impl<'a> Forms<'a> {
    pub(super) fn new(sink: &'a mut dyn FnMut(FormedRaster), peers_turn: bool) -> Self {
        Self { sink, seen: Vec::new(), peers_turn }
    }

    /// Passes on one of several forms.
    pub(super) fn give(&mut self, form: Form, raster: Raster) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&raster.width().to_le_bytes());
        hasher.update(&raster.height().to_le_bytes());
        // With the sides known, the number of samples tells grey from colour.
        hasher.update(raster.samples());
        let pixels = hasher.finalize();
        if !self.seen.contains(&pixels) {
            self.seen.push(pixels);
            (self.sink)(FormedRaster { form, raster });
        }
    }

    /// Passes on what a peer reads, before any turning.
    pub(super) fn compat(&mut self, raster: Raster, orientation: Orientation) {
        let turn = if self.peers_turn { orientation } else { Orientation::NoTransforms };
        self.give(Form::Compat, raster.oriented(turn));
    }

    /// Passes on the forms of a picture that a peer reads as a person does, but for the orientation.
    pub(super) fn plain(&mut self, shown: Raster, orientation: Orientation) {
        if orientation == Orientation::NoTransforms || self.peers_turn {
            let raster = shown.oriented(orientation);
            (self.sink)(FormedRaster { form: Form::Correct, raster });
        } else {
            self.give(Form::Correct, shown.turned(orientation));
            self.give(Form::Compat, shown);
        }
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
            return self.plain(raster(without_alpha(samples, channels)), orientation);
        }
        for (form, background) in [(Form::Correct, 255), (Form::CorrectBlack, 0)] {
            let mut over = Vec::with_capacity(width as usize * height as usize * colours);
            for pixel in samples.chunks_exact(channels) {
                over.extend(pixel[..colours].iter().map(|sample| blend(*sample, pixel[colours], background)));
            }
            self.give(form, raster(over).oriented(orientation));
        }
        self.compat(raster(without_alpha(samples, channels)), orientation);
    }
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
