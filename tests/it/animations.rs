//! Animations and pages that mean harm: time and memory are bounded by what a picture may have, not by what they claim.

use std::time::{Duration, Instant};

use innerward::digest::Fingerprint;
use innerward::media::{Content, Form, FormSet, Gap, Limits, decode};

/// For one file, in a build without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

const PALETTE: [u8; 6] = [0, 0, 0, 250, 240, 230];

/// An animation whose first frame is as large as `first`, and its others are `count` times one pixel, each elsewhere.
fn gif(screen: (u16, u16), first: (u16, u16), count: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, screen.0, screen.1, &PALETTE).unwrap();
    let frame = |left: u16, (width, height): (u16, u16), index| gif::Frame {
        left,
        width,
        height,
        buffer: vec![index; usize::from(width) * usize::from(height)].into(),
        ..Default::default()
    };
    encoder.write_frame(&frame(0, first, 0)).unwrap();
    (0..count).for_each(|left| encoder.write_frame(&frame(left % screen.0.max(1), (1, 1), 1)).unwrap());
    drop(encoder);
    bytes
}

/// Frames hashed beside the first, and what was left out.
fn read(bytes: &[u8], limits: &Limits) -> (usize, Option<Gap>) {
    let start = Instant::now();
    let print = Fingerprint::read(bytes, limits).unwrap();
    assert!(start.elapsed() < PATIENCE, "{:.1} s", start.elapsed().as_secs_f64());
    (print.forms.iter().filter(|form| matches!(form.form, Form::Frame(_))).count(), print.gap)
}

#[test]
fn tiny_frames_on_a_huge_canvas_are_bounded_by_the_pixels_they_make_a_viewer_draw() {
    let limits = Limits { max_pixels: 12_000_000, ..Limits::default() };
    let bytes = gif((3000, 2000), (3000, 2000), 5000);
    let picture = decode(&bytes, Content::of(&bytes), &limits).unwrap();
    // Two further frames of six million pixels are as many as one picture may have.
    assert_eq!(picture.forms.last().unwrap().form, Form::Frame(3));
    assert!(picture.more_frames);
}

#[test]
fn countless_frames_are_looked_at_up_to_a_number() {
    let many = gif((60, 40), (60, 40), u16::MAX);
    let (frames, gap) = read(&many, &Limits::default());
    assert!(frames <= usize::from(Limits::MAX_FRAMES), "{frames}");
    assert!(gap.is_some());
}

#[test]
fn a_huge_screen_is_refused_and_frames_without_pixels_are_nothing() {
    let (frames, gap) = read(&gif((u16::MAX, u16::MAX), (1, 1), 3), &Limits::default());
    assert!(frames == 0 && matches!(gap, Some(Gap::TooLarge { unit: "pixels", .. })), "{gap:?}");
    let (frames, _) = read(&gif((0, 0), (0, 0), 2), &Limits::default());
    assert!(frames <= 1);
}

/// A PNG whose animation says that it has `frames` frames, and has one.
fn apng(frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_animated(frames, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    let first: Vec<u8> = (0..64_u8).map(|at| at.wrapping_mul(37)).collect();
    writer.write_image_data(&first).unwrap();
    drop(writer);
    bytes
}

#[test]
fn frames_that_are_promised_and_missing_are_told() {
    for frames in [2, u32::MAX >> 1] {
        let bytes = apng(frames);
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert!(picture.more_frames, "{frames}");
        assert_eq!(picture.forms.len(), 1);
    }
}

#[test]
fn pages_in_a_circle_and_pages_of_nothing_end() {
    // One page of grey, 8 by 8, whose successor is itself, or lies beyond the end, or in the middle of it.
    let page = |next: u32| {
        let fields: [(u16, u16, u32); 8] = [
            (256, 3, 8),
            (257, 3, 8),
            (258, 3, 8),
            (259, 3, 1),
            (262, 3, 1),
            (273, 4, 8 + 2 + 8 * 12 + 4),
            (278, 3, 8),
            (279, 4, 64),
        ];
        let mut bytes = b"II*\0\x08\0\0\0\x08\0".to_vec();
        for (tag, kind, value) in fields {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(next.to_le_bytes());
        bytes.extend((0..64_u8).map(|at| at.wrapping_mul(37)));
        bytes
    };
    for (next, more) in [(0, false), (8, false), (5000, true), (20, true)] {
        let bytes = page(next);
        let picture = decode(&bytes, Content::of(&bytes), &Limits::default()).unwrap();
        assert_eq!((picture.forms.len(), picture.more_frames), (1, more), "{next}");
    }
}

#[test]
fn who_wants_no_frames_pays_for_none() {
    let forms = FormSet { frames: false, ..FormSet::default() };
    let bytes = gif((40, 40), (40, 40), 30);
    let picture = decode(&bytes, Content::of(&bytes), &Limits { forms, ..Limits::default() }).unwrap();
    assert_eq!((picture.forms.len(), picture.more_frames), (1, true));
}
