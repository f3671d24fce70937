//! The 256 bits of two PDQ hashes as small pictures: on a terminal, in plain characters, and as PNG.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use png::{BitDepth, ColorType, Encoder};

use crate::digest::Pdq;

type Cells = [[bool; Pdq::CELLS]; Pdq::CELLS];

/// Said of a file that is there already.
pub(super) const TAKEN: &str = "the file is there already; remove it, or name another one";

/// Pixels of a cell, and between panels.
const CELL: usize = 16;
const PANEL: usize = CELL * Pdq::CELLS;
const WIDTH: usize = 3 * PANEL + 4 * CELL;
const HEIGHT: usize = PANEL + 2 * CELL;

/// The palette: background, a bit that is not set, one that is, equal bits, different bits.
const PALETTE: [u8; 15] = [128, 128, 128, 255, 255, 255, 0, 0, 0, 224, 224, 224, 176, 32, 16];
const GROUND: u8 = 0;
const CLEAR: u8 = 1;
const SET: u8 = 2;
const SAME: u8 = 3;
const DIFFERS: u8 = 4;

/// The bits of both, and where they differ.
fn panels(a: &Pdq, b: &Pdq) -> [Cells; 3] {
    let (a, b) = (a.cells(), b.cells());
    let differs = std::array::from_fn(|row| std::array::from_fn(|column| a[row][column] != b[row][column]));
    [a, b, differs]
}

/// Three panels of 16 rows side by side, with `#` for a bit that is set and `x` for one that differs.
pub(super) fn in_characters(a: &Pdq, b: &Pdq) -> Vec<String> {
    let panels = panels(a, b);
    let row = |row: usize| {
        let of = |(cells, mark): (&Cells, char)| -> String {
            cells[row].iter().map(|cell| if *cell { mark } else { '.' }).collect()
        };
        panels.iter().zip(['#', '#', 'x']).map(of).collect::<Vec<_>>().join("   ")
    };
    (0..Pdq::CELLS).map(row).collect()
}

/// The same in eight rows of half blocks. With `colour`, what differs is red; it is told by the blocks all the same.
pub(super) fn in_blocks(a: &Pdq, b: &Pdq, colour: bool) -> Vec<String> {
    let panels = panels(a, b);
    let row = |row: usize| {
        let of = |cells: &Cells| -> String {
            let both = cells[row].iter().zip(&cells[row + 1]);
            both.map(|pair| match pair {
                (false, false) => '·',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            })
            .collect()
        };
        let [a, b, differs] = [of(&panels[0]), of(&panels[1]), of(&panels[2])];
        let (red, plain) = if colour { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
        format!("{a}   {b}   {red}{differs}{plain}")
    };
    (0..Pdq::CELLS).step_by(2).map(row).collect()
}

/// Draws the three panels into a new file, which is readable by its owner alone.
pub(super) fn write_png(path: &Path, a: &Pdq, b: &Pdq) -> anyhow::Result<()> {
    let bytes = encoded(a, b).context("--png")?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match file {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => anyhow::bail!("--png: {TAKEN}"),
        file => file.context("--png")?,
    };
    let written = file.write_all(&bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path); // the first error is the one to tell
    }
    written.context("--png")
}

fn encoded(a: &Pdq, b: &Pdq) -> Result<Vec<u8>, png::EncodingError> {
    let mut pixels = vec![GROUND; WIDTH * HEIGHT];
    let colours = [(CLEAR, SET), (CLEAR, SET), (SAME, DIFFERS)];
    for (panel, (cells, (no, yes))) in (0..).zip(panels(a, b).iter().zip(colours)) {
        let left = CELL + panel * (PANEL + CELL);
        for (at, cell) in (0..).zip(cells.as_flattened()) {
            let (row, column): (usize, usize) = (at / Pdq::CELLS, at % Pdq::CELLS);
            // The last row and column of pixels stay free, so that cells can be counted.
            for y in 0..CELL - 1 {
                let start = (CELL + row * CELL + y) * WIDTH + left + column * CELL;
                pixels[start..start + CELL - 1].fill(if *cell { yes } else { no });
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(&PALETTE[..]);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Code256;

    fn hash(bytes: impl Fn(usize) -> u8) -> Pdq {
        Pdq::new(Code256::from_bytes(std::array::from_fn(bytes)))
    }

    #[test]
    fn both_ways_to_draw_show_as_many_bits_as_differ() {
        let (a, b) = (hash(|at| (at * 37 % 251) as u8), hash(|at| (at * 53 % 241) as u8));
        let bits = usize::from(a.code().distance(b.code()).bits());
        assert_eq!(a.differing(&b).len(), bits);
        let plain = in_characters(&a, &b);
        assert_eq!((plain.len(), plain.concat().matches('x').count()), (16, bits));
        let set: usize = a.code().as_bytes().iter().map(|byte| byte.count_ones() as usize).sum();
        assert_eq!(plain.iter().map(|row| row[..16].matches('#').count()).sum::<usize>(), set);
        for colour in [false, true] {
            let blocks = in_blocks(&a, &b, colour);
            let drawn: usize = blocks
                .iter()
                .flat_map(|row| row.rsplit("   ").next().unwrap().chars())
                .map(|block| match block {
                    '█' => 2,
                    '▀' | '▄' => 1,
                    _ => 0,
                })
                .sum();
            assert_eq!((blocks.len(), drawn), (8, bits));
            assert_eq!(blocks.concat().contains('\x1b'), colour);
        }
    }
}
