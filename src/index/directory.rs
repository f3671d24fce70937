//! Where in a table of digests one can be: what its first bytes lead to.
//!
//! A look-up waits for memory, and longest for the digests themselves, which lie over gigabytes. So a line of memory says for
//! some forty digests at once where the first of them is and a byte of each, and most digests that are not in the table
//! have no need to be looked for any further.
//!
//! The digests are shared out evenly over the blocks: with `x` the first eight bytes as a fraction of one, and `m` blocks,
//! a digest is in block `⌊m x⌋`, and its byte is the first eight bits of what is left of `m x`. Both ascend with the
//! digests.

use std::ops::Range;

use super::error::Fault;
use super::format::{Band, SectionId, SectionKind, array_at};
use super::layout::{Column, Numbers};

/// Bytes of a block: a line of memory.
pub(super) const BLOCK_BYTES: usize = 64;
/// Where the number of digests stands in a block: behind the number of the first.
const COUNT_AT: usize = 4;
/// Where the bytes of the digests stand.
const MARKS_AT: usize = COUNT_AT + 1;
/// Digests of a block that have a byte in it.
const MARKS: usize = BLOCK_BYTES - MARKS_AT;
/// Stands for a number of digests beyond those, of which there are no bytes.
const CROWDED: u8 = u8::MAX;
/// Digests for a block on average. By chance alone, one block in a hundred is crowded.
const A_BLOCK: usize = 44;

/// The directory of one table of digests.
#[derive(Clone, Copy)]
pub(super) enum Directory<'a> {
    /// Where the digests with each beginning of some bits start, and the last of them ends: up to version 3.
    Starts(Numbers<'a>, Band),
    /// Blocks, at least one.
    Blocks(&'a [[u8; BLOCK_BYTES]], SectionId),
}

/// In which element of the directory a digest is looked for, and what its byte there is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    element: usize,
    mark: u8,
}

/// How many elements the section `id` of a directory over `len` digests has.
pub(super) const fn directory_len(id: SectionId, len: usize) -> usize {
    if id.is(SectionKind::DigestBlocks) { len.div_ceil(A_BLOCK) } else { (1 << id.bit_width) + 1 }
}

/// The block of the digest that begins with `head`, and its byte there.
#[inline(always)]
fn place(head: u64, blocks: usize) -> Place {
    let product = u128::from(head) * blocks as u128;
    Place { element: (product >> 64) as usize, mark: (product >> 56) as u8 }
}

/// The first eight bytes of `digest`, as a number that orders as they do.
#[inline(always)]
pub(super) fn head(digest: &[u8]) -> u64 {
    u64::from_be_bytes(array_at(digest, 0))
}

impl<'a> Directory<'a> {
    pub(super) fn new(file: &'a [u8], column: &Column) -> Self {
        if column.id.is(SectionKind::DigestBlocks) {
            Self::Blocks(column.bytes(file).as_chunks().0, column.id)
        } else {
            Self::Starts(column.numbers(file), Band { offset: 0, width: column.id.bit_width })
        }
    }

    /// Where to look for `digest`, which has at least eight bytes.
    #[inline(always)]
    pub(super) fn place(&self, digest: &[u8]) -> Place {
        match self {
            Self::Starts(_, prefix) => Place { element: prefix.value(digest) as usize, mark: 0 },
            Self::Blocks(blocks, _) => place(head(digest), blocks.len()),
        }
    }

    /// The positions at which the digest at `place` can be, inside `0..=limit`. All digests equal to it are among them.
    #[inline(always)]
    pub(super) fn positions(&self, place: Place, limit: usize) -> Result<Range<usize>, Fault> {
        let (blocks, section) = match self {
            Self::Starts(starts, _) => return starts.bucket(place.element, limit),
            Self::Blocks(blocks, section) => (blocks, *section),
        };
        let base = |at: usize| blocks.get(at).map(|block| u32::from_le_bytes(array_at(block, 0)) as usize);
        let nowhere = Range { start: 1, end: 0 }; // no range, so a fault
        let positions = blocks.get(place.element).map_or(nowhere, |block| {
            let start = u32::from_le_bytes(array_at(block, 0)) as usize;
            let count = block[COUNT_AT];
            if count == CROWDED {
                return start..base(place.element + 1).unwrap_or(limit);
            }
            // Counted over whole lines, and what is no mark taken off again: a few instructions for all of them.
            let of = |bytes: &[u8], is: fn(u8, u8) -> bool| -> u8 {
                bytes.iter().map(|byte| u8::from(is(*byte, place.mark))).sum()
            };
            let counted = |is: fn(u8, u8) -> bool| of(block, is) - of(&block[..MARKS_AT], is);
            let below = counted(|byte, mark| byte < mark);
            let equal = counted(|byte, mark| byte == mark);
            // Behind the last digest stand the highest marks, which some digests have too.
            let below = below.min(count);
            let end = below.saturating_add(equal).min(count);
            start + usize::from(below)..start + usize::from(end)
        });
        if positions.start <= positions.end && positions.end <= limit {
            return Ok(positions);
        }
        let (found, limit) = (positions.end as u64, limit as u64);
        Err(Fault::Reference { section, at: place.element as u64, found, limit })
    }

    /// A byte of the element for `place`.
    #[inline(always)]
    pub(super) fn byte_of(&self, place: Place) -> Option<&u8> {
        match self {
            Self::Starts(starts, _) => starts.byte_of(place.element),
            Self::Blocks(blocks, _) => blocks.get(place.element).map(|block| &block[0]),
        }
    }

    /// That `0..end` is shared out over the elements one behind the other, and that there is nothing where no digest is.
    pub(super) fn check(&self, end: usize) -> Result<(), Fault> {
        let (blocks, section) = match self {
            Self::Starts(starts, _) => return check_starts(starts, end),
            Self::Blocks(blocks, section) => (blocks, *section),
        };
        let base =
            |at: usize| blocks.get(at).map_or(end, |block| u32::from_le_bytes(array_at(block, 0)) as usize);
        for (at, block) in blocks.iter().enumerate() {
            let held = base(at + 1).checked_sub(base(at)).filter(|_| at > 0 || base(0) == 0);
            let (count, marks) = (block[COUNT_AT], &block[MARKS_AT..]);
            let fits = held.is_some_and(|held| {
                let marked = if held > MARKS { 0 } else { held };
                count == count_of(held)
                    && marks[..marked].is_sorted()
                    && marks[marked..].iter().all(|mark| *mark == u8::MAX)
            });
            if !fits {
                return Err(Fault::Order { section, at: at as u64 });
            }
        }
        Ok(())
    }
}

/// How a block says that it holds `held` digests.
fn count_of(held: usize) -> u8 {
    if held > MARKS { CROWDED } else { held as u8 }
}

/// That starts begin with 0, never descend, and end with `end`.
pub(super) fn check_starts(starts: &Numbers<'_>, end: usize) -> Result<(), Fault> {
    let mut previous = 0;
    for at in 0..starts.len() {
        let start = starts.at(at);
        let last_fits = at + 1 < starts.len() || start == end as u64;
        if start < previous || (at == 0 && start != 0) || !last_fits {
            return Err(Fault::Order { section: starts.id(), at: at as u64 });
        }
        previous = start;
    }
    Ok(())
}

/// The blocks over digests that begin with `heads`, which ascend; there are `len`.
pub(super) fn blocks(len: usize, heads: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut bytes = vec![u8::MAX; len.div_ceil(A_BLOCK) * BLOCK_BYTES];
    let (blocks, _) = bytes.as_chunks_mut::<BLOCK_BYTES>();
    let many = blocks.len();
    let mut held = vec![0_u32; blocks.len()];
    for place in heads.map(|head| place(head, many)) {
        let (block, held) = (&mut blocks[place.element], &mut held[place.element]);
        if let Some(mark) = block[MARKS_AT..].get_mut(*held as usize) {
            *mark = place.mark;
        }
        *held += 1;
    }
    let mut base = 0;
    for (block, held) in blocks.iter_mut().zip(held) {
        block[..COUNT_AT].copy_from_slice(&u32::to_le_bytes(base));
        block[COUNT_AT] = count_of(held as usize);
        if block[COUNT_AT] == CROWDED {
            block[MARKS_AT..].fill(u8::MAX);
        }
        base += held;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::testing::noise;
    use super::*;

    fn id() -> SectionId {
        SectionId::signal(SectionKind::DigestBlocks, 3)
    }

    fn directory(bytes: &[u8]) -> Directory<'_> {
        Directory::Blocks(bytes.as_chunks().0, id())
    }

    /// Heads that are even, crowded at one place, all the same, and at both ends.
    fn lists() -> Vec<Vec<u64>> {
        let even = |len: u64| (0..len).map(|seed| u64::from_be_bytes(noise(seed))).collect::<Vec<_>>();
        let crowded = |len: u64| {
            (0..len).map(|seed| if seed % 3 > 0 { (7 << 40) | (seed % 90) } else { seed << 50 }).collect()
        };
        let ends = [vec![0; 30], vec![u64::MAX; 50], vec![u64::MAX - 1; 3], even(100)].concat();
        let mut lists =
            vec![even(1), even(2), even(44), even(45), even(5000), crowded(4000), vec![9 << 60; 300], ends];
        lists.iter_mut().for_each(|list| list.sort_unstable());
        lists
    }

    #[test]
    fn every_digest_is_where_the_directory_says_and_few_others_are() {
        for heads in lists() {
            let bytes = blocks(heads.len(), heads.iter().copied());
            assert_eq!(bytes.len(), directory_len(id(), heads.len()) * BLOCK_BYTES);
            let directory = directory(&bytes);
            directory.check(heads.len()).unwrap();
            let positions =
                |head: u64| directory.positions(directory.place(&head.to_be_bytes()), heads.len()).unwrap();
            for head in &heads {
                let equal = heads.partition_point(|h| h < head)..heads.partition_point(|h| h <= head);
                let found = positions(*head);
                assert!(found.start <= equal.start && equal.end <= found.end, "{head}: {found:?}, {equal:?}");
            }
            for head in (0..1000).map(|seed| u64::from_be_bytes(noise(seed + 1_000_000))).chain([0, u64::MAX])
            {
                assert!(positions(head).end <= heads.len());
            }
            let last_is_crowded = bytes[bytes.len() - BLOCK_BYTES + COUNT_AT] == CROWDED;
            assert!(last_is_crowded || directory.check(heads.len() + 1).is_err());
        }
    }

    #[test]
    fn most_digests_that_are_not_there_need_no_look() {
        let heads = &lists()[4];
        let bytes = blocks(heads.len(), heads.iter().copied());
        let directory = directory(&bytes);
        let others = (0..4000).map(|seed| noise::<8>(seed + 1_000_000));
        let looks = others
            .filter(|other| !directory.positions(directory.place(other), heads.len()).unwrap().is_empty());
        let share = looks.count() as f64 / 4000.0;
        // As many as there are digests for each value of a byte.
        let expected = A_BLOCK as f64 / 256.0;
        assert!((expected * 0.7..expected * 1.4).contains(&share), "{share}");
    }

    #[test]
    fn every_changed_byte_is_found_or_changes_nothing() {
        let heads = &lists()[3];
        let bytes = blocks(heads.len(), heads.iter().copied());
        let asks = |directory: Directory<'_>| {
            let asked =
                heads.iter().copied().chain((0..500).map(|seed| u64::from_be_bytes(noise(seed + 77))));
            for head in asked {
                // Whatever the damage: a range inside, or a fault.
                let found = directory.positions(directory.place(&head.to_be_bytes()), heads.len());
                assert!(
                    found.is_ok_and(|found| found.end <= heads.len())
                        || directory.check(heads.len()).is_err()
                );
            }
        };
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x41;
            let changed = directory(&damaged);
            let marks = at % BLOCK_BYTES >= MARKS_AT;
            // A mark that stays in order is told by its digest, which is not here.
            assert!(marks || changed.check(heads.len()).is_err(), "byte {at}");
            asks(changed);
        }
    }
}
