//! Frames of a video as most decoders give them, to RGB: brightness for each pixel, two colour differences for each four.
//!
//! vPDQ is defined over the RGB that ffmpeg's `libswscale` makes, so its arithmetic is repeated to the last bit, oddities
//! included: BT.601 whatever the video says, colours that are a step of brightness apart, a mean of two rows of colours
//! in every other row of pixels (`yuv2rgb.c` and `output.c` of FFmpeg 4 to 7, as `-vf scale=flags=area+accurate_rnd` has
//! it). Done here it costs less than it does there, and half as many bytes come through the pipe.

/// How the pixels of a frame lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameLayout {
    /// Red, green, blue for each pixel, row by row.
    Rgb,
    /// A plane of brightness, and two of colour differences with half its sides: `yuv420p`, from 16 to 235. Both sides of
    /// the frame are even.
    Yuv420,
}

impl FrameLayout {
    /// Bytes of a frame; `None` if no frame has such sides.
    #[must_use]
    pub fn bytes(self, (width, height): (u32, u32)) -> Option<usize> {
        let pixels = (width as usize).checked_mul(height as usize)?;
        match self {
            Self::Rgb => pixels.checked_mul(3),
            Self::Yuv420 if width % 2 == 0 && height % 2 == 0 => pixels.checked_add(pixels / 2),
            Self::Yuv420 => None,
        }
    }
}

/// A step of brightness, of which there are 219, in steps of RGB, with sixteen bits behind the point.
const STEP: i64 = (1 << 16) * 255 / 219;

/// What a colour difference adds to the brightness, in steps of that: the factors of BT.601.
#[derive(Clone, Copy)]
struct Share(i64);

impl Share {
    const RED: Self = Self::new(104_597);
    const BLUE: Self = Self::new(132_201);
    const GREEN_OF_U: Self = Self::new(-25_675);
    const GREEN_OF_V: Self = Self::new(-53_279);

    const fn new(factor: i64) -> Self {
        Self(((factor << 16) + 0x8000) / STEP)
    }

    const fn of(self, difference: u8) -> i16 {
        (((difference as i64 * self.0) >> 16) - (self.0 >> 9)) as i16
    }

    /// Of every difference.
    const fn table(self) -> [i16; 256] {
        let mut table = [0; 256];
        let mut difference = 0;
        while difference < 256 {
            table[difference] = self.of(difference as u8);
            difference += 1;
        }
        table
    }
}

static RED: [i16; 256] = Share::RED.table();
static BLUE: [i16; 256] = Share::BLUE.table();
static GREEN_OF_U: [i16; 256] = Share::GREEN_OF_U.table();
static GREEN_OF_V: [i16; 256] = Share::GREEN_OF_V.table();

/// Brightness with what a colour adds, from `-LOWEST` on, to a sample.
static SAMPLES: [u8; 1024] = samples();
const LOWEST: i16 = 256;

const fn samples() -> [u8; 1024] {
    let mut samples = [0; 1024];
    let mut at = 0;
    while at < samples.len() {
        let brightness = at as i64 - LOWEST as i64;
        let sample = ((brightness + 326) * STEP - (400 << 16) + 0x8000) >> 16;
        samples[at] = if sample < 0 {
            0
        } else if sample > 255 {
            255
        } else {
            sample as u8
        };
        at += 1;
    }
    samples
}

/// Turns a frame in [`FrameLayout::Yuv420`] into [`FrameLayout::Rgb`].
///
/// # Panics
/// If `planes` or `rgb` is not as long as such a frame.
pub fn yuv420_to_rgb((width, height): (u32, u32), planes: &[u8], rgb: &mut [u8]) {
    assert_eq!(Some(planes.len()), FrameLayout::Yuv420.bytes((width, height)), "a frame of this size");
    assert_eq!(Some(rgb.len()), FrameLayout::Rgb.bytes((width, height)), "room for a frame of this size");
    if rgb.is_empty() {
        return;
    }
    let (width, height) = (width as usize, height as usize);
    let (brightness, colours) = planes.split_at(width * height);
    let (u, v) = colours.split_at(colours.len() / 2);
    let rows = brightness.chunks_exact(width).zip(rgb.chunks_exact_mut(3 * width));
    for (row, (brightness, rgb)) in rows.enumerate() {
        // The first row has its own colours, every further even one the mean with those above, and so has the last.
        let own = row / 2;
        let other = if row == 0 || row % 2 == 1 && row + 1 < height { own } else { own.saturating_sub(1) };
        let rows = [(u, own), (u, other), (v, own), (v, other)];
        let rows = rows.map(|(plane, row)| &plane[row * (width / 2)..][..width / 2]);
        convert_row(brightness, rows, rgb);
    }
}

/// `colours` are two rows of the one difference and two of the other.
fn convert_row(brightness: &[u8], [u, other_u, v, other_v]: [&[u8]; 4], rgb: &mut [u8]) {
    let mean = |a: u8, b: u8| usize::from((u16::from(a) + u16::from(b)).div_ceil(2));
    let pairs = brightness.chunks_exact(2).zip(rgb.chunks_exact_mut(6));
    let colours = u.iter().zip(other_u).zip(v.iter().zip(other_v));
    for ((brightness, rgb), ((u, other_u), (v, other_v))) in pairs.zip(colours) {
        let (u, v) = (mean(*u, *other_u), mean(*v, *other_v));
        let shares = [RED[v], GREEN_OF_U[u] + GREEN_OF_V[v], BLUE[u]];
        for (pixel, brightness) in rgb.chunks_exact_mut(3).zip(brightness) {
            for (sample, share) in pixel.iter_mut().zip(shares) {
                // The mask says nothing but that the place is in the table.
                *sample = SAMPLES[(i16::from(*brightness) + share + LOWEST) as usize & 1023];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_brightness_and_no_colour_is_outside_of_the_table() {
        for brightness in [0, 255] {
            for share in RED.iter().chain(&BLUE) {
                assert!((0..1024).contains(&(brightness + share + LOWEST)));
            }
            for (u, v) in (0..=255).flat_map(|u| (0..=255).map(move |v| (u, v))) {
                assert!((0..1024).contains(&(brightness + GREEN_OF_U[u] + GREEN_OF_V[v] + LOWEST)));
            }
        }
    }

    #[test]
    fn a_frame_has_a_length_if_its_sides_are_even() {
        assert_eq!(FrameLayout::Yuv420.bytes((4, 2)), Some(12));
        assert_eq!(FrameLayout::Yuv420.bytes((3, 2)), None);
        assert_eq!(FrameLayout::Rgb.bytes((3, 2)), Some(18));
        assert_eq!(FrameLayout::Rgb.bytes((u32::MAX, u32::MAX)), None);
    }
}
