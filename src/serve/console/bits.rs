//! Which bits of two hashes differ, drawn as small squares: the highest bit above at the start, row by row as it is written.

use maud::{Markup, html};

use super::words;

/// Squares in a row.
const ROW: usize = 16;
/// The side of a square and the gap after it, in units of the drawing.
const STEP: usize = 10;

/// The bits in which two hashes of one length differ.
pub(super) fn differing(one: &[u8], other: &[u8]) -> Vec<bool> {
    let bytes = one.iter().zip(other).map(|(one, other)| one ^ other);
    bytes.flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect()
}

/// The drawing, with its meaning in words.
pub(super) fn drawing(one: &[u8], other: &[u8], what: &str) -> Markup {
    let bits = differing(one, other);
    let (apart, rows) = (bits.iter().filter(|bit| **bit).count(), bits.len().div_ceil(ROW));
    let told = words::bits_differ(what, apart, bits.len());
    html! {
        figure.bits {
            svg role="img" aria-label=(told) viewBox={ "0 0 " (ROW * STEP) " " (rows * STEP) } {
                @for (at, differs) in bits.iter().enumerate() {
                    rect.d[*differs].s[!*differs] x=(at % ROW * STEP) y=(at / ROW * STEP) width="8" height="8" rx="1" {}
                }
            }
            figcaption { (told) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_told_in_the_order_in_which_they_are_written() {
        let differ = differing(&[0b1000_0000, 0x0f], &[0, 0x0e]);
        let places: Vec<usize> =
            differ.iter().enumerate().filter(|(_, bit)| **bit).map(|(at, _)| at).collect();
        assert_eq!((differ.len(), places), (16, vec![0, 15]));
        let drawn = drawing(&[0xff; 32], &[0; 32], "pdq").into_string();
        assert_eq!(drawn.matches("class=\"d\"").count(), 256);
        assert!(drawn.contains("256 of 256 bits differ") && drawn.contains("viewBox=\"0 0 160 160\""));
    }
}
