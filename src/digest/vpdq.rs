//! vPDQ: a PDQ hash for each of some frames of a video, after Facebook's vPDQ (ThreatExchange).
//!
//! What decodes the video is none of this module's business: it is given the frame rate, says which frames are wanted,
//! and hashes their pixels as they come, one frame in memory at a time.

use std::fmt::{self, Write};
use std::num::NonZeroU32;
use std::str::FromStr;

use super::{Pdq, PdqHash, Quality};
use crate::media::{FrameLayout, Raster, yuv420_to_rgb};

/// Sides below this give no hash.
const SMALLEST_SIDE: u32 = 5;

/// Frames in a second, as a video states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    frames: NonZeroU32,
    seconds: NonZeroU32,
}

impl FrameRate {
    /// So many frames in so many seconds; `None` if one of them is 0, which says nothing.
    #[must_use]
    pub fn new(frames: u32, seconds: u32) -> Option<Self> {
        Some(Self { frames: NonZeroU32::new(frames)?, seconds: NonZeroU32::new(seconds)? })
    }

    /// Frames in a second.
    #[must_use]
    pub fn per_second(self) -> f64 {
        f64::from(self.frames.get()) / f64::from(self.seconds.get())
    }

    /// When frame `number` is shown, in seconds from the beginning, as vPDQ reckons: presentation times are not asked, so
    /// a video of variable rate drifts.
    #[must_use]
    pub fn time_of(self, number: u32) -> f32 {
        number as f32 / self.per_second() as f32
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.frames, self.seconds)
    }
}

/// Text that is no frame rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a frame rate is FRAMES/SECONDS, neither of them 0")]
pub struct FrameRateError;

impl FromStr for FrameRate {
    type Err = FrameRateError;

    /// `30000/1001`.
    fn from_str(text: &str) -> Result<Self, FrameRateError> {
        let (frames, seconds) = text.split_once('/').ok_or(FrameRateError)?;
        let number = |text: &str| text.parse().map_err(|_| FrameRateError);
        Self::new(number(frames)?, number(seconds)?).ok_or(FrameRateError)
    }
}

/// Which frames of a video are hashed, and at which size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampling {
    /// Thousandths of a second from one hash to the next; 0 for every frame.
    pub millis: u32,
    /// The width that frames are brought to before they are hashed; 0 for their own.
    pub width: u32,
    /// The height, likewise.
    pub height: u32,
}

impl Default for Sampling {
    /// One hash a second, at the video's own size: what lists are made with.
    fn default() -> Self {
        Self { millis: 1000, width: 0, height: 0 }
    }
}

impl Sampling {
    /// Of so many frames one is hashed: the whole ones in the time between two hashes, and at least one. Of a video of
    /// 29.97 frames a second it is every 29th.
    #[must_use]
    pub fn step(self, rate: FrameRate) -> u32 {
        let frames = f64::from(self.millis) / 1000.0 * rate.per_second();
        (frames as u32).max(1) // the cast cuts off, and stops at the largest
    }

    /// The sides of what is hashed of a video with these sides.
    #[must_use]
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        let side = |wanted: u32, own: u32| if wanted == 0 { own } else { wanted };
        (side(self.width, width), side(self.height, height))
    }
}

/// One hashed frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VideoFrame {
    /// Its number among all decoded frames, from 0.
    pub number: u32,
    /// Its hash, as it lies: vPDQ knows no turning.
    pub hash: Pdq,
    /// The quality of that.
    pub quality: Quality,
}

/// A frame with its time, wherever it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedFrame {
    /// The frame.
    pub frame: VideoFrame,
    /// When it is shown, in thousandths of a second from the beginning.
    pub millis: u32,
}

impl TimedFrame {
    /// `frame` at `seconds`, which may be any number.
    #[must_use]
    pub fn new(frame: VideoFrame, seconds: f64) -> Self {
        Self { frame, millis: (seconds * 1000.0).round() as u32 } // the cast stops at 0 and at the largest
    }
}

/// The vPDQ hash of a video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VideoHash {
    /// By which numbers of frames become times.
    pub rate: FrameRate,
    /// By number, rising; those too plain to be matched are among them.
    pub frames: Vec<VideoFrame>,
}

/// The forms in which programs write such hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VideoText {
    /// The C++ program's: `frame,quality,hex,timestamp`, a line each.
    Cpp,
    /// The Python program's: `hex,quality,timestamp`, a line each.
    Python,
    /// A signal of python-threatexchange: a JSON array of strings `hex,quality,timestamp`, on one line.
    Tx,
}

/// Text that names no such form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the forms of vPDQ hashes are cpp, python and tx")]
pub struct VideoTextError;

impl FromStr for VideoText {
    type Err = VideoTextError;

    fn from_str(text: &str) -> Result<Self, VideoTextError> {
        match text {
            "cpp" => Ok(Self::Cpp),
            "python" => Ok(Self::Python),
            "tx" => Ok(Self::Tx),
            _ => Err(VideoTextError),
        }
    }
}

impl VideoHash {
    /// Most frames of one video that are hashed: eighteen hours at one a second.
    pub const MAX_FRAMES: usize = 1 << 16;

    /// The frames that are good enough to be matched.
    pub fn usable(&self) -> impl Iterator<Item = &VideoFrame> {
        self.frames.iter().filter(|frame| frame.quality >= Quality::USABLE)
    }

    /// When `frame` is shown, in seconds.
    #[must_use]
    pub fn time_of(&self, frame: &VideoFrame) -> f32 {
        self.rate.time_of(frame.number)
    }

    /// All frames with their times.
    pub fn timed(&self) -> impl Iterator<Item = TimedFrame> {
        self.frames.iter().map(|frame| TimedFrame::new(*frame, self.time_of(frame).into()))
    }

    /// The hash as text, with times of 3 decimals, ending with a line feed.
    ///
    /// # Examples
    /// ```
    /// use innerward::digest::{FrameHasher, FrameRate, VideoText};
    /// use innerward::media::FrameLayout;
    ///
    /// let mut hasher = FrameHasher::new((64, 48), FrameLayout::Rgb, 30).expect("no side is below 5");
    /// hasher.push(&[0; 2 * 64 * 48 * 3]); // two black frames
    /// let hash = hasher.finish(FrameRate::new(30, 1).expect("neither is 0"));
    /// let text = hash.to_text(VideoText::Cpp);
    /// let lines: Vec<&str> = text.lines().collect();
    /// assert!(lines[0].starts_with("0,0,") && lines[1].starts_with("30,0,") && lines[1].ends_with(",1.000"));
    /// ```
    #[must_use]
    pub fn to_text(&self, form: VideoText) -> String {
        let mut text = String::new();
        for (at, frame) in self.frames.iter().enumerate() {
            let VideoFrame { number, hash, quality } = frame;
            let (hex, time) = (hash.to_hex(), self.time_of(frame));
            let comma = if at == 0 { "" } else { "," };
            let written = match form {
                VideoText::Cpp => writeln!(text, "{number},{quality},{hex},{time:.3}"),
                VideoText::Python => writeln!(text, "{hex},{quality},{time:.3}"),
                VideoText::Tx => write!(text, "{comma}\"{hex},{quality},{time:.3}\""),
            };
            written.expect("a string takes all that memory holds");
        }
        if form == VideoText::Tx { format!("[{text}]\n") } else { text }
    }
}

/// Hashes frames as their bytes come, in pieces of any length.
pub struct FrameHasher {
    size: (u32, u32),
    layout: FrameLayout,
    step: u32,
    /// The frame that is being read; as long as a whole one.
    frame: Vec<u8>,
    filled: usize,
    /// Room for the RGB of a frame that comes otherwise.
    rgb: Vec<u8>,
    frames: Vec<VideoFrame>,
    /// Frames that are hashed at most.
    most: usize,
}

impl FrameHasher {
    /// For frames of this width and height, of which every `step`th comes; `None` if a side is below 5 pixels, or no frame
    /// of this layout has such sides.
    ///
    /// Takes memory for one frame, as it comes and as RGB.
    #[must_use]
    pub fn new(size: (u32, u32), layout: FrameLayout, step: u32) -> Option<Self> {
        let (width, height) = size;
        if width < SMALLEST_SIDE || height < SMALLEST_SIDE {
            return None;
        }
        let frame = vec![0; layout.bytes(size)?];
        let rgb = match layout {
            FrameLayout::Rgb => Vec::new(),
            FrameLayout::Yuv420 => vec![0; FrameLayout::Rgb.bytes(size)?],
        };
        Some(Self {
            size,
            layout,
            step,
            frame,
            filled: 0,
            rgb,
            frames: Vec::new(),
            most: VideoHash::MAX_FRAMES,
        })
    }

    /// Takes the next bytes, frame after frame. False once it wants no more, since there are more than
    /// [`VideoHash::MAX_FRAMES`].
    pub fn push(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.frames.len() == self.most {
                return false;
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.frame.len() - self.filled));
            self.frame[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == self.frame.len() {
                self.filled = 0;
                self.hash();
            }
        }
        true
    }

    fn hash(&mut self) {
        let pixels = match self.layout {
            FrameLayout::Rgb => &mut self.frame,
            FrameLayout::Yuv420 => {
                yuv420_to_rgb(self.size, &self.frame, &mut self.rgb);
                &mut self.rgb
            }
        };
        let raster = Raster::rgb(self.size.0, self.size.1, std::mem::take(pixels));
        let hash = PdqHash::of(&raster);
        *pixels = raster.into_samples();
        let number = (self.frames.len() as u32).saturating_mul(self.step);
        self.frames.push(VideoFrame { number, hash: hash.original(), quality: hash.quality });
    }

    /// Frames hashed so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// True if there is none yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// True if a frame has begun and not ended.
    #[must_use]
    pub const fn is_amid_a_frame(&self) -> bool {
        self.filled > 0
    }

    /// The whole frames that came, of a video of this rate.
    #[must_use]
    pub fn finish(self, rate: FrameRate) -> VideoHash {
        VideoHash { rate, frames: self.frames }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> FrameRate {
        text.parse().unwrap()
    }

    #[test]
    fn the_step_is_cut_and_never_nothing() {
        let step = |millis, text| Sampling { millis, ..Sampling::default() }.step(rate(text));
        assert_eq!(step(1000, "30/1"), 30);
        assert_eq!(step(1000, "30000/1001"), 29, "29.97 is cut");
        assert_eq!(step(1000, "25/2"), 12);
        assert_eq!(step(500, "25/1"), 12);
        assert_eq!((step(0, "30/1"), step(10, "30/1"), step(1000, "1/90")), (1, 1, 1));
        assert_eq!(step(u32::MAX, "4294967295/1"), u32::MAX);
    }

    #[test]
    fn a_rate_of_nothing_is_none() {
        for text in ["0/0", "0/1", "30/0", "30", "", "-30/1", "30/1/1", "4294967296/1"] {
            assert_eq!(text.parse::<FrameRate>(), Err(FrameRateError), "{text}");
        }
        assert_eq!(rate("30000/1001").to_string(), "30000/1001");
        assert_eq!(rate("30000/1001").time_of(29), 29_f32 / (30000.0 / 1001.0_f64) as f32);
    }

    /// A frame of some structure, another for each `seed`.
    fn frame(seed: u32, (width, height): (u32, u32)) -> Vec<u8> {
        let at = |x: u32, y: u32| ((x * x * (seed % 7 + 1) + 3 * y * y + 2 * x * y * seed) / 19) as u8;
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [at(x, y), at(y, x), at(x + y, y)])).collect()
    }

    #[test]
    fn frames_are_hashed_as_pictures_are_however_they_are_cut() {
        let size = (97, 61);
        let all: Vec<Vec<u8>> = (0..5).map(|seed| frame(seed, size)).collect();
        let bytes = all.concat();
        for piece in [1, 997, size.0 as usize * 3, bytes.len() / 5, bytes.len() / 5 + 1, bytes.len()] {
            let mut hasher = FrameHasher::new(size, FrameLayout::Rgb, 12).unwrap();
            assert!(bytes.chunks(piece).all(|piece| hasher.push(piece)));
            assert!(!hasher.is_amid_a_frame());
            let hash = hasher.finish(rate("25/2"));
            assert_eq!(hash.frames.len(), all.len(), "in pieces of {piece}");
            for (n, (found, pixels)) in (0..).zip(hash.frames.iter().zip(&all)) {
                let alone = PdqHash::of(&Raster::rgb(size.0, size.1, pixels.clone()));
                assert_eq!((found.hash, found.quality), (alone.original(), alone.quality));
                assert_eq!((found.number, hash.time_of(found)), (n * 12, n as f32 * 12.0 / 12.5));
            }
        }
        let mut cut = FrameHasher::new(size, FrameLayout::Rgb, 1).unwrap();
        cut.push(&bytes[..bytes.len() - 1]);
        assert!(cut.is_amid_a_frame());
        assert_eq!(cut.len(), 4);
    }

    #[test]
    fn too_small_and_too_many_are_refused() {
        for size in [(4, 100), (100, 4), (0, 0)] {
            assert!(FrameHasher::new(size, FrameLayout::Rgb, 1).is_none());
        }
        let mut hasher = FrameHasher { most: 7, ..FrameHasher::new((5, 5), FrameLayout::Rgb, 1).unwrap() };
        let taken: Vec<bool> = (0..4).map(|_| hasher.push(&[9; 75 * 3])).collect();
        assert_eq!((taken, hasher.len()), (vec![true, true, false, false], 7));
    }

    #[test]
    fn a_size_is_the_videos_own_but_for_what_is_asked_for() {
        let sampling = Sampling { width: 128, ..Sampling::default() };
        assert_eq!(sampling.size((1920, 1080)), (128, 1080));
        assert_eq!(Sampling::default().size((1920, 1080)), (1920, 1080));
    }
}
