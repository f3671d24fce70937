//! Groups of unknown pictures that look alike: whoever has looked at one of a group has seen them all.
//!
//! The first picture of a group leads it. Each other joins the leader that it is nearest to, within the field's bound for
//! PDQ and however it is turned or mirrored, and leads a group of its own if there is none. So nothing in a group is
//! further than the bound from its leader, and no chain of small differences joins what does not look alike. Copies, byte
//! for byte, are in the group of the first; of videos nothing else is.

//!
//! What is known of the items is read twice, so that memory does not grow with their names.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::io;

use rayon::prelude::*;
use serde::Serialize;

use super::remembered::Known;
use super::{MatchError, Outcome};
use crate::digest::{Fingerprint, Pdq};
use crate::hashset::ByPrint;
use crate::index::NearSet;
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
const BLOCK: usize = 256;
/// Leaders that are compared one by one, before they are put into a set.
const LOOSE: usize = 1 << 15;
/// Leaders in a set at most: making one takes as much memory again.
const MOST_IN_SET: usize = 1 << 18;

/// Why there are no groups.
#[derive(Debug, thiserror::Error)]
pub(super) enum ClusterError {
    /// What is known of the items cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The search failed.
    #[error(transparent)]
    Search(#[from] MatchError),
}

/// The groups of two items and more, one after the other, of all the items that `read` gives, each time that it is asked.
///
/// Memory: for each picture that is no copy about 50 bytes, and 105 if it leads; and the items of groups.
pub(super) fn clusters<I: Iterator<Item = io::Result<Known>>>(
    read: impl Fn() -> io::Result<I>,
) -> Result<Vec<Clustered>, ClusterError> {
    let mut contents = Contents::default();
    for item in read()? {
        contents.take(&item?)?;
    }
    contents.settle()?;
    let mut groups: HashMap<u32, (usize, u32)> = HashMap::new();
    let mut found: Vec<Vec<Clustered>> = Vec::new();
    for item in read()? {
        let item = item?;
        let Some(content) = contents.number(&item).filter(|_| item.outcome == Outcome::Unknown) else {
            continue;
        };
        let (leader, distance) = contents.led[content as usize];
        if contents.members[leader as usize] < 2 {
            continue;
        }
        let next = (groups.len(), content);
        let (group, first) = *groups.entry(leader).or_insert(next);
        if group == found.len() {
            found.push(Vec::new());
        }
        found[group].push(Clustered {
            cluster: group as u32 + 1, // a run has fewer items
            path: item.path.to_string_lossy().into_owned(),
            path_hex: super::path_hex(&item.path),
            distance,
            identical: content == first,
        });
    }
    Ok(found.into_iter().flatten().collect())
}

/// The contents of the unknown items.
#[derive(Default)]
struct Contents {
    hasher: RandomState,
    /// By print of a BLAKE3, the number of the content.
    numbers: ByPrint<u32>,
    /// Of each, the content that leads it, and the bits between them.
    led: Vec<(u32, u16)>,
    /// Of each that leads, the unknown items that it leads.
    members: Vec<u32>,
    leaders: Leaders,
    /// The last contents, which nobody leads yet, in eight orientations; `None` for what only copies join.
    open: Vec<Option<[Pdq; 8]>>,
    /// Unknown items whose content nobody leads yet.
    waiting: Vec<u32>,
}

impl Contents {
    fn number(&self, item: &Known) -> Option<u32> {
        self.numbers.get(&self.hasher.hash_one(item.blake3)).copied()
    }

    fn take(&mut self, item: &Known) -> Result<(), MatchError> {
        let known = item.fingerprint.as_ref();
        let number = match (self.number(item), known) {
            (Some(number), _) => number,
            (None, Some(known)) if item.outcome == Outcome::Unknown && is_seen(known) => {
                let number = (self.led.len() + self.open.len()) as u32; // a run has fewer items
                self.numbers.insert(self.hasher.hash_one(item.blake3), number);
                self.open.push(hash(known));
                number
            }
            (None, _) => return Ok(()),
        };
        if item.outcome == Outcome::Unknown {
            self.waiting.push(number);
        }
        if self.open.len() < BLOCK && self.waiting.len() < LOOSE { Ok(()) } else { self.settle() }
    }

    /// Finds who leads the last contents.
    fn settle(&mut self) -> Result<(), MatchError> {
        let before = self.led.len() as u32;
        let open = std::mem::take(&mut self.open);
        self.leaders.lead(before, &open, &mut self.led)?;
        self.members.resize(self.led.len(), 0);
        for content in std::mem::take(&mut self.waiting) {
            let (leader, _) = self.led[content as usize];
            self.members[leader as usize] += 1;
        }
        Ok(())
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

/// The pictures that lead, by their hash as they lie. No two are near each other, so little is near any picture.
#[derive(Default)]
struct Leaders {
    /// The content of each.
    numbers: Vec<u32>,
    /// The first of them, in sets that grow as they are put together.
    sets: Vec<NearSet>,
    /// The last ones.
    loose: Vec<Code256>,
}

impl Leaders {
    /// Finds the leaders of `contents`, of which the first has the number `before`, and makes leaders of those that have
    /// none.
    fn lead(
        &mut self,
        before: u32,
        contents: &[Option<[Pdq; 8]>],
        led: &mut Vec<(u32, u16)>,
    ) -> Result<(), MatchError> {
        let share = contents.len().div_ceil(rayon::current_num_threads()).max(1);
        let nearest = contents.par_chunks(share).map(|some| self.nearest(some));
        let nearest: Vec<_> = nearest.collect::<Result<Vec<_>, MatchError>>()?;
        let known = self.numbers.len() - self.loose.len();
        let earlier = self.loose.len();
        for ((number, hash), mut nearest) in (before..).zip(contents).zip(nearest.into_iter().flatten()) {
            let Some(hash) = hash else {
                led.push((number, 0));
                continue;
            };
            // Those that have become leaders in this very block.
            for (at, code) in self.loose.iter().enumerate().skip(earlier) {
                let distance = hash.iter().map(|turned| turned.code().distance(code)).min();
                let found =
                    distance.filter(|distance| *distance <= BOUND).map(|distance| (distance, known + at));
                nearest = nearest.into_iter().chain(found).min();
            }
            match nearest {
                Some((distance, at)) => led.push((self.numbers[at], distance.bits())),
                None => {
                    led.push((number, 0));
                    self.numbers.push(number);
                    self.loose.push(*hash[0].code());
                }
            }
        }
        if self.loose.len() >= LOOSE { self.put_together() } else { Ok(()) }
    }

    /// The nearest leader of each, by its place: of several the first.
    fn nearest(&self, contents: &[Option<[Pdq; 8]>]) -> Result<Vec<Option<(Distance, usize)>>, MatchError> {
        let turned = contents.iter().enumerate();
        let turned = turned.filter_map(|(number, hash)| Some((number, hash.as_ref()?)));
        let (owners, codes): (Vec<usize>, Vec<Code256>) =
            turned.flat_map(|(number, hash)| hash.iter().map(move |turned| (number, *turned.code()))).unzip();
        let mut nearest: Vec<Option<(Distance, usize)>> = vec![None; contents.len()];
        let mut take = |query: usize, at, distance| {
            let nearest = &mut nearest[owners[query]];
            *nearest = nearest.iter().copied().chain([(distance, at)]).min();
        };
        let mut first = 0;
        for set in &self.sets {
            set.each_near(&codes, BOUND, |query, at, distance| take(query, first + at, distance))?;
            first += set.codes().len();
        }
        let queries: Vec<(Code256, Distance)> = codes.iter().map(|code| (*code, BOUND)).collect();
        let mut found = vec![Vec::new(); queries.len()];
        Kernel::best().find_within_many(&self.loose, &queries, &mut found);
        for (query, found) in found.iter().enumerate() {
            found.iter().for_each(|(at, distance)| take(query, first + at, *distance));
        }
        Ok(nearest)
    }

    /// Makes a set of the loose ones, with the sets before it that are no larger.
    fn put_together(&mut self) -> Result<(), MatchError> {
        let mut codes = std::mem::take(&mut self.loose);
        while let Some(last) = self.sets.last()
            && last.codes().len() <= codes.len()
            && last.codes().len() + codes.len() <= MOST_IN_SET
        {
            codes = [last.codes(), &codes].concat();
            self.sets.pop();
        }
        self.sets.push(NearSet::new(codes)?);
        Ok(())
    }
}

/// Bits that may differ from the leader.
const BOUND: Distance = Distance::PDQ_DEFAULT;

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

    fn led(contents: &[Option<[Pdq; 8]>]) -> Vec<(u32, u16)> {
        let (mut leaders, mut led) = (Leaders::default(), Vec::new());
        for block in contents.chunks(BLOCK) {
            leaders.lead(led.len() as u32, block, &mut led).unwrap();
        }
        led
    }

    fn leaders(contents: &[Option<[Pdq; 8]>]) -> Vec<u32> {
        led(contents).into_iter().map(|(leader, _)| leader).collect()
    }

    #[test]
    fn a_group_is_within_the_bound_of_its_first_and_no_chain() {
        let pictures =
            [picture(1, 0), picture(2, 0), picture(1, 31), None, picture(1, 62), picture(1, 40), None];
        assert_eq!(leaders(&pictures), [0, 1, 0, 3, 4, 4, 6], "62 leads, and is nearer to 40 than 0 is");
        assert_eq!(led(&pictures)[2].1, 31);
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
        let mut expected: Vec<(u32, u16)> = Vec::new();
        for (number, hash) in (0..).zip(&pictures) {
            let distance_of = |leader: u32| {
                let code = pictures[leader as usize].unwrap()[0];
                hash.unwrap().iter().map(|turned| turned.code().distance(code.code())).min().unwrap()
            };
            let leaders = (0..number).filter(|other| expected[*other as usize].0 == *other);
            let nearest = leaders.map(|leader| (distance_of(leader), leader)).min();
            expected.push(match nearest.filter(|(distance, _)| *distance <= BOUND) {
                Some((distance, leader)) => (leader, distance.bits()),
                None => (number, 0),
            });
        }
        assert_eq!(led(&pictures), expected);
    }

    #[test]
    fn sets_make_no_difference() {
        // Four sets are put together to one, and some leaders stay loose; every picture comes twice, the second time turned.
        let count = 4 * LOOSE as u64 + 999;
        let turned = |seed| {
            let mut hash = picture(seed, 9).unwrap();
            hash.rotate_right(3);
            Some(hash)
        };
        let pictures = (0..count).map(|seed| picture(seed, 0));
        let mut leaders = Leaders::default();
        let mut found = Vec::new();
        for block in pictures.collect::<Vec<_>>().chunks(BLOCK) {
            leaders.lead(found.len() as u32, block, &mut found).unwrap();
        }
        assert!(found.iter().zip(0..).all(|(led, number)| *led == (number, 0)));
        assert_eq!(leaders.sets.iter().map(|set| set.codes().len() / LOOSE).collect::<Vec<_>>(), [4]);
        let seeds: Vec<u64> = (0..700).map(|n| n * 7919 % count).collect();
        let again: Vec<_> = seeds.iter().map(|seed| turned(*seed)).collect();
        let mut led = Vec::new();
        leaders.lead(count as u32, &again, &mut led).unwrap();
        assert_eq!(led, seeds.iter().map(|seed| (*seed as u32, 9)).collect::<Vec<_>>());
    }
}
