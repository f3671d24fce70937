//! GIF: the first frame by its indices, and the further ones as they are composed.

use std::io::BufReader;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, DisposalMethod};
use image::metadata::Orientation;

use super::canvas::{Area, Canvas, Disposal};
use super::forms::Forms;
use super::gap::check;
use super::palette::Indexed;
use super::{Form, Gap, Limits, Raster, budget};

const NAME: &str = "GIF";

/// Decodes a GIF; true if it has frames that were not passed on.
pub(super) fn decode(bytes: &[u8], limits: &Limits, forms: &mut Forms<'_>) -> Result<bool, Gap> {
    let mut reader = Reader::new(bytes)?;
    let first = reader.next_frame()?.ok_or(Gap::Truncated(NAME))?;
    let whole = first.area == reader.whole(first.area);
    let Area { width, height, .. } = reader.whole(first.area);
    let pixels = u64::from(width) * u64::from(height);
    check("pixels", NAME, pixels, limits.max_pixels)?;
    {
        let canvas = if whole { 0 } else { Canvas::BYTES };
        let _permit = budget::take(pixels * (Indexed::BYTES + canvas + forms.extra_bytes(3)));
        let indices = reader.indices(&first)?;
        if whole {
            let alphas = first.alphas();
            let indexed = Indexed { width, height, indices, colours: &first.colours, alphas: &alphas };
            indexed.give(Orientation::NoTransforms, forms);
        } else {
            let mut canvas = Canvas::new(width, height);
            first.draw(&mut canvas, &indices);
            forms.give(Form::Correct, canvas.over(255));
            forms.give(Form::CorrectBlack, canvas.over(0));
            drop(canvas);
            let outside = first.transparent.unwrap_or(0);
            forms.give(Form::Compat, on_canvas(&indices, first.area, (width, height), outside));
        }
    }
    match reader.next_frame() {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(false),
        // Many writers of still pictures leave out the end mark; after anything else there may be frames.
        Err(_) => return Ok(!ends_after_a_frame(bytes)),
    }
    if !forms.wants_pages() {
        return Ok(true);
    }
    // All frames again, now in colour: each is laid over those before it.
    let _permit = budget::take(pixels * (1 + Canvas::BYTES));
    let mut reader = Reader::new(bytes)?;
    let mut canvas = Canvas::new(width, height);
    for number in 0_u32.. {
        let frame = match reader.next_frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Ok(false),
            Err(_) => return Ok(true),
        };
        // No frame has a reason to be larger than the canvas.
        let fits = frame.area.pixels() <= canvas.pixels();
        if !fits || number > 0 && !forms.next_page(canvas.pixels()) {
            return Ok(true);
        }
        let Ok(indices) = reader.indices(&frame) else { return Ok(true) };
        frame.draw(&mut canvas, &indices);
        let shown = canvas.over(255);
        if number == 0 {
            forms.remember(&shown);
        } else {
            forms.give(Form::Correct, shown);
        }
    }
    unreachable!("frames end before their numbers do")
}

/// True if the first frame's pixels are the last thing in the file, to the byte, and nothing announced others.
fn ends_after_a_frame(bytes: &[u8]) -> bool {
    /// Passes over a head of so many bytes, and the table of colours that its flags announce.
    fn head(rest: &[u8], len: usize, flags: usize) -> Option<&[u8]> {
        let flags = *rest.get(flags)?;
        rest.get(len + if flags & 0x80 == 0 { 0 } else { 6 << (flags & 7) }..)
    }
    /// Passes over blocks that are led by their lengths, up to the empty one.
    fn blocks(mut rest: &[u8]) -> Option<&[u8]> {
        loop {
            let (len, after) = rest.split_first()?;
            rest = after.get(usize::from(*len)..)?;
            if *len == 0 {
                return Some(rest);
            }
        }
    }
    let first = || {
        let mut rest = head(bytes, 13, 10)?;
        loop {
            rest = match rest {
                [0x21, 0xff, 11, name @ ..] if name.starts_with(b"NETSCAPE") => return None,
                [0x21, _, extension @ ..] => blocks(extension)?,
                [0x2c, ..] => return blocks(head(rest, 10, 9)?.get(1..)?),
                _ => return None,
            };
        }
    };
    first().is_some_and(<[u8]>::is_empty)
}

/// A frame without its pixels.
struct Frame {
    area: Area,
    disposal: Disposal,
    colours: Vec<u8>,
    transparent: Option<u8>,
}

impl Frame {
    /// The alpha of each index, opaque beyond the end.
    fn alphas(&self) -> Vec<u8> {
        let Some(transparent) = self.transparent else { return Vec::new() };
        (0..=transparent).map(|index| if index == transparent { 0 } else { 255 }).collect()
    }

    fn draw(&self, canvas: &mut Canvas, indices: &[u8]) {
        let table: [[u8; 4]; 256] =
            std::array::from_fn(|index| match self.colours.get(index * 3..index * 3 + 3) {
                _ if self.transparent.is_some_and(|at| usize::from(at) == index) => [0; 4],
                Some(colour) => [colour[0], colour[1], colour[2], 255],
                None => [0, 0, 0, 255], // as `Indexed` has it
            });
        canvas.draw(self.area, self.disposal, true, indices.iter().map(|index| table[usize::from(*index)]));
    }
}

struct Reader<'a> {
    decoder: Decoder<BufReader<&'a [u8]>>,
    global: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, Gap> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        let decoder = options.read_info(BufReader::new(bytes)).map_err(gap)?;
        let global = decoder.global_palette().map(<[u8]>::to_vec).unwrap_or_default();
        Ok(Self { decoder, global })
    }

    /// The canvas. Some writers leave the screen's size at 0, or smaller than the first frame: the frame is what is seen.
    fn whole(&self, first: Area) -> Area {
        let (width, height) = (u32::from(self.decoder.width()), u32::from(self.decoder.height()));
        Area {
            left: 0,
            top: 0,
            width: width.max(first.left + first.width),
            height: height.max(first.top + first.height),
        }
    }

    fn next_frame(&mut self) -> Result<Option<Frame>, Gap> {
        let Some(frame) = self.decoder.next_frame_info().map_err(gap)? else { return Ok(None) };
        Ok(Some(Frame {
            area: Area {
                left: frame.left.into(),
                top: frame.top.into(),
                width: frame.width.into(),
                height: frame.height.into(),
            },
            disposal: match frame.dispose {
                DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
                DisposalMethod::Background => Disposal::Clear,
                DisposalMethod::Previous => Disposal::Restore,
            },
            colours: frame.palette.as_ref().unwrap_or(&self.global).clone(),
            transparent: frame.transparent,
        }))
    }

    /// The pixels of the frame that was announced last.
    fn indices(&mut self, frame: &Frame) -> Result<Vec<u8>, Gap> {
        let mut indices = vec![0; frame.area.pixels() as usize];
        if !indices.is_empty() {
            self.decoder.read_into_buffer(&mut indices).map_err(gap)?;
        }
        Ok(indices)
    }
}

fn gap(error: DecodingError) -> Gap {
    match error {
        DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Gap::Truncated(NAME),
        _ => Gap::Damaged(NAME),
    }
}

/// Lays a frame's indices on a canvas of one index, as Pillow does.
fn on_canvas(indices: &[u8], area: Area, (width, height): (u32, u32), outside: u8) -> Raster {
    let mut canvas = vec![outside; width as usize * height as usize];
    for (row, line) in indices.chunks_exact((area.width as usize).max(1)).enumerate() {
        let start = (area.top as usize + row) * width as usize + area.left as usize;
        canvas[start..start + line.len()].copy_from_slice(line);
    }
    Raster::grey(width, height, canvas)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Content, FormSet, Picture};

    const PALETTE: [u8; 9] = [0, 0, 0, 250, 240, 230, 9, 99, 199];

    fn gif(screen: (u16, u16), frames: &[gif::Frame<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, screen.0, screen.1, &PALETTE).unwrap();
        frames.iter().for_each(|frame| encoder.write_frame(frame).unwrap());
        drop(encoder);
        bytes
    }

    fn frame(left: u16, top: u16, width: u16, buffer: &[u8]) -> gif::Frame<'_> {
        let height = (buffer.len() as u16).checked_div(width).unwrap_or(0);
        gif::Frame { left, top, width, height, buffer: buffer.into(), ..Default::default() }
    }

    fn decoded(bytes: &[u8], limits: &Limits) -> Result<Picture, Gap> {
        super::super::decode(bytes, Content::of(bytes), limits)
    }

    #[test]
    fn the_distinct_frames_are_forms_as_they_are_composed() {
        let second = gif::Frame { transparent: Some(1), ..frame(1, 1, 2, &[1, 2]) };
        let bytes = gif((3, 2), &[frame(1, 1, 2, &[1, 1]), second.clone(), second, frame(0, 0, 1, &[2])]);
        let picture = decoded(&bytes, &Limits::default()).unwrap();
        assert!(!picture.more_frames);
        let names: Vec<Form> = picture.forms.iter().map(|form| form.form).collect();
        // The third changes nothing.
        assert_eq!(names, [Form::Correct, Form::CorrectBlack, Form::Compat, Form::Frame(2), Form::Frame(4)]);
        assert_eq!(picture.forms[2].raster, Raster::grey(3, 2, vec![0, 0, 0, 0, 1, 1]));
        let (bare, light, blue) = ([255; 3], [250, 240, 230], [9, 99, 199]);
        assert_eq!(picture.forms[0].raster.samples(), [bare, bare, bare, bare, light, light].as_flattened());
        assert_eq!(picture.forms[3].raster.samples(), [bare, bare, bare, bare, light, blue].as_flattened());
        assert_eq!(picture.forms[4].raster.samples(), [blue, bare, bare, bare, light, blue].as_flattened());
        for end in 6..bytes.len() {
            let _ = decoded(&bytes[..end], &Limits::default());
        }
    }

    #[test]
    fn only_the_end_mark_ends_an_animation() {
        let still = gif((2, 1), &[frame(0, 0, 2, &[1, 2])]);
        let first = still.len() - 1;
        let bytes = gif((2, 1), &[frame(0, 0, 2, &[1, 2]), frame(0, 0, 2, &[2, 1])]);
        for forms in [FormSet::default(), FormSet { frames: false, ..FormSet::default() }] {
            let limits = Limits { forms, ..Limits::default() };
            let more = |bytes: &[u8]| decoded(bytes, &limits).unwrap().more_frames;
            assert!(!more(&still));
            assert!(!more(&still[..first]), "a still picture may lack the end mark");
            assert_eq!(more(&bytes), !forms.frames);
            for end in first + 1..bytes.len() {
                assert!(more(&bytes[..end]), "cut at {end}");
            }
            // A fault where the second frame should begin.
            let mut damaged = bytes.clone();
            damaged[first] = 0x77;
            assert!(more(&damaged));
            // The file says that it is an animation.
            let header = 13 + 12;
            let looped =
                [&still[..header], b"!\xff\x0bNETSCAPE2.0\x03\x01\0\0\0", &still[header..first]].concat();
            assert!(more(&looped));
            assert!(!more(&[&looped[..], b";"].concat()));
        }
    }

    #[test]
    fn what_a_frame_clears_is_transparent_and_what_it_restores_is_as_before() {
        for (dispose, after) in [
            (gif::DisposalMethod::Keep, [[9, 99, 199]; 2]),
            (gif::DisposalMethod::Background, [[255; 3]; 2]),
            (gif::DisposalMethod::Previous, [[250, 240, 230]; 2]),
        ] {
            let passing = gif::Frame { dispose, ..frame(1, 0, 2, &[2, 2]) };
            let bytes = gif((3, 1), &[frame(0, 0, 3, &[1, 1, 1]), passing, frame(0, 0, 1, &[0])]);
            let picture = decoded(&bytes, &Limits::default()).unwrap();
            let last = picture.forms.last().unwrap();
            assert_eq!(last.form, Form::Frame(3));
            assert_eq!(last.raster.samples(), [[0; 3], after[0], after[1]].as_flattened(), "{dispose:?}");
        }
    }

    #[test]
    fn frames_beyond_the_limits_are_told() {
        let pixel = [[0_u8], [1], [2]];
        let many: Vec<_> = (0..200).map(|at: usize| frame((at / 3) as u16, 0, 1, &pixel[at % 3])).collect();
        let bytes = gif((70, 1), &many);
        let frames = |limits: &Limits| {
            let picture = decoded(&bytes, limits).unwrap();
            let frames = picture.forms.iter().filter(|form| matches!(form.form, Form::Frame(_))).count();
            (frames, picture.more_frames)
        };
        assert_eq!(frames(&Limits::default()), (usize::from(Limits::MAX_FRAMES), true));
        assert_eq!(frames(&Limits { max_pixels: 70 * 3, ..Limits::default() }), (3, true));
        let forms = FormSet { frames: false, ..FormSet::default() };
        assert_eq!(frames(&Limits { forms, ..Limits::default() }), (0, true));
    }

    #[test]
    fn a_frame_larger_than_the_canvas_is_not_unpacked() {
        let mut bytes =
            gif((2, 1), &[frame(0, 0, 2, &[1, 2]), frame(0, 0, 2, &[0, 0]), frame(0, 0, 2, &[1, 1])]);
        let at = bytes.windows(10).enumerate().filter(|(_, at)| at[..9] == [0x2c, 0, 0, 0, 0, 2, 0, 1, 0]);
        let second = at.map(|(at, _)| at).nth(1).unwrap();
        bytes[second + 5..second + 9].fill(0xff);
        let picture = decoded(&bytes, &Limits::default()).unwrap();
        assert_eq!((picture.forms.len(), picture.more_frames), (2, true));
    }

    #[test]
    fn frames_without_pixels_are_passed_over() {
        let bytes = gif((2, 1), &[frame(0, 0, 2, &[1, 2]), frame(0, 0, 0, &[]), frame(1, 0, 1, &[1])]);
        let picture = decoded(&bytes, &Limits::default()).unwrap();
        let last = picture.forms.last().unwrap();
        assert_eq!((last.form, picture.more_frames), (Form::Frame(3), false));
        assert_eq!(last.raster.samples(), [[250, 240, 230], [250, 240, 230]].as_flattened());
    }
}
