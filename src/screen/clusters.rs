//! Groups of unknown pictures that look alike: whoever has looked at one of a group has seen them all.
//!
//! The first picture of a group leads it. Each other joins the leader that it is nearest to, within the field's bound for
//! PDQ and however it is turned or mirrored, and leads a group of its own if there is none. So nothing in a group is
//! further than the bound from its leader, and no chain of small differences joins what does not look alike. Copies, byte
//! for byte, are in the group of the first; of videos nothing else is.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;

use rayon::prelude::*;
use serde::Serialize;

use super::Outcome;
use super::remembered::Known;
use crate::digest::{Fingerprint, Pdq};
use crate::hashset::ByPrint;
use crate::kernel::{Code256, Distance, Kernel};
use crate::media::Form;
use crate::vocabulary::media;

/// An item of a group, as `docs/cli.md` has it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Clustered {
    /// The number of the group: 1, 2 … by where its first item is in the run.
    pub cluster: u32,
    /// Where the item is.
    pub path: String,
    /// The exact bytes of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// Bits that differ from the first item of the group.
    pub distance: u16,
    /// True if its bytes are those of the first item.
    pub identical: bool,
}

/// Contents that are compared with all leaders at a time.
const BLOCK: usize = 512;

/// Gathers the unknown items of a run. Memory: 300 bytes for each picture that is no copy, and the paths.
#[derive(Default)]
pub(super) struct Clusters {
    hasher: RandomState,
    /// By print of a BLAKE3, the number of the content.
    numbers: ByPrint<u32>,
    /// Its eight orientations; `None` for what only copies join.
    contents: Vec<Option<[Pdq; 8]>>,
    items: Vec<(PathBuf, u32)>,
}

impl Clusters {
    /// Takes the next item.
    pub(super) fn take(&mut self, item: Known) {
        let print = self.hasher.hash_one(item.blake3);
        let number = match (self.numbers.get(&print), &item.fingerprint) {
            (Some(number), _) => *number,
            (None, Some(known)) if item.outcome == Outcome::Unknown && is_seen(known) => {
                let number = self.contents.len() as u32; // a run has fewer items
                self.contents.push(hash(known));
                self.numbers.insert(print, number);
                number
            }
            (None, _) => return,
        };
        if item.outcome == Outcome::Unknown {
            self.items.push((item.path, number));
        }
    }

    /// The groups of two items and more, one after the other.
    pub(super) fn finish(self) -> Vec<Clustered> {
        let led = led(&self.contents);
        let mut groups: HashMap<u32, Vec<(PathBuf, u32)>> = HashMap::new();
        let mut order = Vec::new();
        for (path, content) in self.items {
            let group = groups.entry(led[content as usize].0).or_default();
            if group.is_empty() {
                order.push(led[content as usize].0);
            }
            group.push((path, content));
        }
        let large =
            order.into_iter().filter_map(|leader| groups.remove(&leader).filter(|group| group.len() > 1));
        (1..)
            .zip(large)
            .flat_map(|(cluster, group)| {
                let first = group[0].1;
                let led = &led;
                group.into_iter().map(move |(path, content)| Clustered {
                    cluster,
                    path: path.to_string_lossy().into_owned(),
                    path_hex: super::path_hex(&path),
                    distance: led[content as usize].1.bits(),
                    identical: content == first,
                })
            })
            .collect()
    }
}

/// True for what a person would look at.
fn is_seen(fingerprint: &Fingerprint) -> bool {
    [media::IMAGE, media::VIDEO].contains(&fingerprint.content.media())
}

/// The picture as it is meant to be seen.
fn hash(fingerprint: &Fingerprint) -> Option<[Pdq; 8]> {
    let mut usable = fingerprint.usable_forms();
    usable.find(|form| form.form == Form::Correct).map(|form| form.hash.dihedral)
}

/// For each content, its leader and the distance from that.
fn led(contents: &[Option<[Pdq; 8]>]) -> Vec<(u32, Distance)> {
    let max = Distance::PDQ_DEFAULT;
    let mut led: Vec<(u32, Distance)> =
        (0..contents.len() as u32).map(|number| (number, Distance::ZERO)).collect();
    let (mut leaders, mut codes): (Vec<u32>, Vec<Code256>) = Default::default();
    let pictures: Vec<(u32, &[Pdq; 8])> =
        (0..).zip(contents).filter_map(|(number, hash)| Some((number, hash.as_ref()?))).collect();
    for block in pictures.chunks(BLOCK) {
        let before = codes.len();
        let nearest: Vec<Option<(Distance, usize)>> = block
            .par_chunks(BLOCK / 16)
            .flat_map_iter(|some| {
                let queries: Vec<(Code256, Distance)> =
                    some.iter().flat_map(|(_, hash)| hash.map(|turned| (*turned.code(), max))).collect();
                let mut found = vec![Vec::new(); queries.len()];
                Kernel::best().find_within_many(&codes, &queries, &mut found);
                let nearest = |found: &[Vec<(usize, Distance)>]| {
                    found.iter().flatten().map(|(at, distance)| (*distance, *at)).min()
                };
                found.chunks(8).map(nearest).collect::<Vec<_>>()
            })
            .collect();
        for ((number, hash), mut nearest) in block.iter().zip(nearest) {
            // Those that have become leaders in this very block.
            for (at, code) in (before..).zip(&codes[before..]) {
                let distance = hash.iter().map(|turned| turned.code().distance(code)).min();
                let found = distance.filter(|distance| *distance <= max).map(|distance| (distance, at));
                nearest = nearest.into_iter().chain(found).min();
            }
            match nearest {
                Some((distance, at)) => led[*number as usize] = (leaders[at], distance),
                None => {
                    leaders.push(*number);
                    codes.push(*hash[0].code());
                }
            }
        }
    }
    led
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(seed: u64) -> [u8; 32] {
        let mut bytes = [0; 32];
        blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof().fill(&mut bytes);
        bytes
    }

    /// Hash `seed` with its first bits flipped, eight orientations that have nothing to do with each other.
    fn picture(seed: u64, flipped: usize) -> Option<[Pdq; 8]> {
        Some(std::array::from_fn(|turn| {
            let mut bytes = code(seed * 8 + turn as u64);
            (0..flipped).for_each(|bit| bytes[bit / 8] ^= 1 << (bit % 8));
            Pdq::new(Code256::from_bytes(bytes))
        }))
    }

    fn leaders(contents: &[Option<[Pdq; 8]>]) -> Vec<u32> {
        led(contents).into_iter().map(|(leader, _)| leader).collect()
    }

    #[test]
    fn a_group_is_within_the_bound_of_its_first_and_no_chain() {
        let pictures =
            [picture(1, 0), picture(2, 0), picture(1, 31), None, picture(1, 62), picture(1, 40), None];
        assert_eq!(leaders(&pictures), [0, 1, 0, 3, 4, 4, 6], "62 leads, and is nearer to 40 than 0 is");
        assert_eq!(led(&pictures)[2].1.bits(), 31);
    }

    #[test]
    fn a_turned_picture_joins() {
        let first = picture(7, 0).unwrap();
        let mut turned = picture(8, 0).unwrap();
        turned[5] = first[0];
        assert_eq!(leaders(&[Some(first), Some(turned)]), [0, 0]);
        assert_eq!(
            leaders(&[Some(turned), Some(first)]),
            [0, 1],
            "the leader's own orientation is what counts"
        );
    }

    #[test]
    fn blocks_make_no_difference() {
        let pictures: Vec<_> =
            (0..BLOCK as u64 * 3 + 5).map(|n| picture(n * 7919 % 600, (n * 31 % 45) as usize)).collect();
        let mut expected: Vec<(u32, Distance)> = Vec::new();
        for (number, hash) in (0..).zip(&pictures) {
            let distance_of = |leader: u32| {
                let code = pictures[leader as usize].unwrap()[0];
                hash.unwrap().iter().map(|turned| turned.code().distance(code.code())).min().unwrap()
            };
            let leaders = (0..number).filter(|other| expected[*other as usize].0 == *other);
            let nearest = leaders.map(|leader| (distance_of(leader), leader)).min();
            expected.push(match nearest.filter(|(distance, _)| *distance <= Distance::PDQ_DEFAULT) {
                Some((distance, leader)) => (leader, distance),
                None => (number, Distance::ZERO),
            });
        }
        assert_eq!(led(&pictures), expected);
    }
}
