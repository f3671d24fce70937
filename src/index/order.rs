//! Sorts digests by their bytes.

use rayon::prelude::*;

/// A digest and the entry that has it.
pub(super) type Element<const N: usize> = ([u8; N], u32);

/// Fewer elements than this are sorted by comparing them. Measured, as is that this takes three fifths of the time that
/// comparing all takes.
const FEW: usize = 128;
/// So many first bytes are sorted by; digests that are equal in all of these are compared.
const BYTES: usize = 8;

/// Sorts by digest, then by entry.
///
/// Digests are spread evenly, so that their first bytes tell almost all of them apart: they are put into the bucket of each
/// byte in place ("American flag sort": P. M. McIlroy, K. Bostic and M. D. McIlroy, "Engineering radix sort", 1993), and the
/// buckets are sorted side by side. Lists made to do harm, of equal beginnings, cost what comparing costs.
pub(super) fn sort<const N: usize>(elements: &mut [Element<N>]) {
    sort_from(elements, 0);
}

fn sort_from<const N: usize>(elements: &mut [Element<N>], byte: usize) {
    if elements.len() < FEW {
        return elements.sort_unstable();
    }
    if byte == BYTES {
        return elements.par_sort_unstable();
    }
    let mut buckets = into_buckets(elements, byte);
    buckets.retain(|bucket| bucket.len() > 1);
    buckets.into_par_iter().for_each(|bucket| sort_from(bucket, byte + 1));
}

/// Brings `elements` into the order of byte `byte` of their digests, and gives those of each value.
fn into_buckets<const N: usize>(elements: &mut [Element<N>], byte: usize) -> Vec<&mut [Element<N>]> {
    let bucket_of = |element: &Element<N>| usize::from(element.0[byte]);
    let mut lens = [0; 256];
    elements.iter().for_each(|element| lens[bucket_of(element)] += 1);
    let mut next = [0; 256];
    for bucket in 1..256 {
        next[bucket] = next[bucket - 1] + lens[bucket - 1];
    }
    let mut end = 0;
    for bucket in 0..256 {
        end += lens[bucket];
        while next[bucket] < end {
            let at = next[bucket];
            let home = bucket_of(&elements[at]);
            if home != bucket {
                elements.swap(at, next[home]);
            }
            next[home] += 1;
        }
    }
    let mut rest = elements;
    lens.map(|len| {
        let (bucket, others) = std::mem::take(&mut rest).split_at_mut(len);
        rest = others;
        bucket
    })
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::testing::{below, noise};

    fn check<const N: usize>(mut elements: Vec<Element<N>>, what: &str) {
        let mut expected = elements.clone();
        expected.sort();
        sort(&mut elements);
        assert!(elements == expected, "{what}: {} of {N} bytes", expected.len());
    }

    fn check_all<const N: usize>() {
        for len in [0, 1, 2, FEW - 1, FEW, FEW + 1, 20 * FEW] {
            let numbers = || (0..len as u32).rev();
            check(numbers().map(|n| (noise::<N>(n.into()), n)).collect(), "evenly spread");
            check(numbers().map(|n| ([9; N], n)).collect(), "equal");
            for equal in [1, BYTES - 1, BYTES, BYTES + 1, N - 1] {
                let digest = |n: u32| {
                    let mut digest = noise::<N>(below(n.into(), len as u64 / 2 + 1));
                    digest[..equal].fill(7);
                    digest
                };
                check(numbers().map(|n| (digest(n), n)).collect(), "of equal beginnings");
            }
        }
    }

    #[test]
    fn any_digests_are_sorted_as_comparing_sorts_them() {
        check_all::<16>();
        check_all::<20>();
        check_all::<32>();
    }
}
