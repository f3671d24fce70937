//! The canvas of an animation: frames laid over one another as a viewer shows them.

use super::Raster;
use super::forms::blend;

/// A part of a canvas, in pixels; what lies beyond the canvas is not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Area {
    pub(super) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// What becomes of a frame before the next one is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Disposal {
    /// It stays.
    Keep,
    /// Its area becomes transparent.
    Clear,
    /// Its area becomes what it was before.
    Restore,
}

/// Pixels of red, green, blue and alpha, at first transparent.
pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 4]>,
    /// The last frame's area, what becomes of it, and what was there if that matters.
    last: Option<(Area, Disposal, Vec<[u8; 4]>)>,
}

impl Canvas {
    /// Bytes for each pixel: its own, what it was before, and a frame as it is passed on.
    pub(super) const BYTES: u64 = 4 + 4 + 3;

    pub(super) fn new(width: u32, height: u32) -> Self {
        let pixels = vec![[0; 4]; width as usize * height as usize];
        Self { width, height, pixels, last: None }
    }

    pub(super) fn pixels(&self) -> u64 {
        self.pixels.len() as u64
    }

    /// Draws a frame, after the last one was disposed of. `frame` has the pixels of `area`, row by row; where `over` is
    /// true they are laid over what is there, else they replace it.
    pub(super) fn draw(
        &mut self,
        area: Area,
        disposal: Disposal,
        over: bool,
        frame: impl Iterator<Item = [u8; 4]>,
    ) {
        self.dispose();
        let saved = match disposal {
            Disposal::Restore => self.rows(area).flat_map(|row| self.pixels[row].to_vec()).collect(),
            _ => Vec::new(),
        };
        let places = (0..area.height).flat_map(|y| (0..area.width).map(move |x| (x, y)));
        for ((x, y), new) in places.zip(frame) {
            let (column, row) = (area.left.saturating_add(x), area.top.saturating_add(y));
            if column < self.width && row < self.height {
                let pixel = &mut self.pixels[row as usize * self.width as usize + column as usize];
                *pixel = if over { laid_over(new, *pixel) } else { new };
            }
        }
        self.last = Some((area, disposal, saved));
    }

    /// All samples, alpha last.
    pub(super) fn samples(&self) -> Vec<u8> {
        self.pixels.as_flattened().to_vec()
    }

    /// What a person sees over a grey background.
    pub(super) fn over(&self, background: u8) -> Raster {
        let mut samples = Vec::with_capacity(self.pixels.len() * 3);
        for [red, green, blue, alpha] in &self.pixels {
            samples.extend([*red, *green, *blue].map(|sample| blend(sample, *alpha, background)));
        }
        Raster::rgb(self.width, self.height, samples)
    }

    fn dispose(&mut self) {
        let Some((area, disposal, saved)) = self.last.take() else { return };
        let mut saved =
            saved.chunks_exact((area.width.min(self.width - area.left.min(self.width))).max(1) as usize);
        for row in self.rows(area).collect::<Vec<_>>() {
            match disposal {
                Disposal::Keep => return,
                Disposal::Clear => self.pixels[row].fill([0; 4]),
                Disposal::Restore => {
                    let Some(before) = saved.next() else { return };
                    self.pixels[row].copy_from_slice(before);
                }
            }
        }
    }

    /// Where the rows of an area are, as far as they lie on the canvas.
    fn rows(&self, area: Area) -> impl Iterator<Item = std::ops::Range<usize>> + use<> {
        let width = self.width;
        let (left, right) = (area.left.min(width), area.left.saturating_add(area.width).min(width));
        let (top, bottom) = (area.top, area.top.saturating_add(area.height).min(self.height));
        (top..bottom).filter(move |_| left < right).map(move |row| {
            let start = row as usize * width as usize;
            start + left as usize..start + right as usize
        })
    }
}

/// One pixel over another, neither multiplied by its alpha.
fn laid_over(top: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    match (top[3], below[3]) {
        (255, _) | (_, 0) => top,
        (0, _) => below,
        (over, under) => {
            let (over, under) = (u32::from(over), u32::from(under));
            // Alphas here are 255 times too large, for the sake of rounding only once.
            let under = under * (255 - over);
            let alpha = over * 255 + under;
            let mix = |at: usize| {
                ((u32::from(top[at]) * over * 255 + u32::from(below[at]) * under + alpha / 2) / alpha) as u8
            };
            [mix(0), mix(1), mix(2), ((alpha + 127) / 255) as u8]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: [u8; 4] = [255, 0, 0, 255];
    const BLUE: [u8; 4] = [0, 0, 255, 255];

    fn row(canvas: &Canvas) -> Vec<[u8; 4]> {
        canvas.pixels.clone()
    }

    #[test]
    fn frames_are_disposed_of_as_they_say() {
        let part = |left| Area { left, top: 0, width: 2, height: 1 };
        for (disposal, left_behind) in
            [(Disposal::Keep, BLUE), (Disposal::Clear, [0; 4]), (Disposal::Restore, RED)]
        {
            let mut canvas = Canvas::new(4, 1);
            canvas.draw(part(0), Disposal::Keep, true, [RED; 2].into_iter());
            canvas.draw(part(1), disposal, true, [BLUE; 2].into_iter());
            assert_eq!(row(&canvas), [RED, BLUE, BLUE, [0; 4]]);
            canvas.draw(part(3), Disposal::Keep, true, [RED; 2].into_iter());
            let third = if disposal == Disposal::Keep { BLUE } else { [0; 4] };
            assert_eq!(row(&canvas), [RED, left_behind, third, RED], "{disposal:?}");
        }
    }

    #[test]
    fn what_lies_beyond_the_canvas_is_cut_off_in_every_direction() {
        let far = Area { left: u32::MAX - 1, top: 1, width: 3, height: u32::MAX };
        let wide = Area { left: 1, top: 0, width: 3, height: 3 };
        for disposal in [Disposal::Keep, Disposal::Clear, Disposal::Restore] {
            let mut canvas = Canvas::new(2, 2);
            canvas.draw(far, disposal, true, [RED; 9].into_iter());
            assert_eq!(row(&canvas), [[0; 4]; 4]);
            canvas.draw(wide, disposal, true, [RED; 9].into_iter());
            assert_eq!(row(&canvas), [[0; 4], RED, [0; 4], RED]);
            canvas.draw(far, Disposal::Keep, true, std::iter::empty());
            let stays = if disposal == Disposal::Keep { RED } else { [0; 4] };
            assert_eq!(row(&canvas), [[0; 4], stays, [0; 4], stays]);
        }
    }

    #[test]
    fn half_transparent_pixels_mix_and_the_background_shows_through() {
        assert_eq!(laid_over([200, 0, 0, 128], [0, 100, 0, 255]), [100, 50, 0, 255]);
        assert_eq!(laid_over([200, 0, 0, 128], [0, 0, 0, 0]), [200, 0, 0, 128]);
        // 0.5 over 0.5 is 0.75, of which the upper one has two thirds.
        assert_eq!(laid_over([255, 0, 0, 128], [0, 0, 255, 128]), [170, 0, 85, 192]);
        let mut canvas = Canvas::new(1, 1);
        canvas.draw(
            Area { left: 0, top: 0, width: 1, height: 1 },
            Disposal::Keep,
            false,
            [[9, 9, 9, 0]].into_iter(),
        );
        assert_eq!((canvas.over(255).samples(), canvas.over(0).samples()), (&[255; 3][..], &[0; 3][..]));
    }
}
