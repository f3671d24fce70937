//! Whether look-ups found what there is.

use anyhow::ensure;

use crate::index::{Hit, Near, Synthetic, SyntheticQuery};
use crate::kernel::{Distance, Kernel};

/// A query and what was found.
pub(super) type NearQuery<'a> = (&'a SyntheticQuery, &'a Near);

/// A query and what was found.
pub(super) type ExactQuery<'a> = (&'a SyntheticQuery, &'a Vec<Hit>);

/// Queries whose answers are compared with those of a linear search, which reads all codes.
const COMPARED: usize = 32;

/// An error unless the answer is the one that was there before.
pub(super) fn same(same: bool) -> anyhow::Result<()> {
    ensure!(
        same,
        "a look-up gave other matches than it must: do not trust this machine or this build; if it happens again, please \
         report it"
    );
    Ok(())
}

/// Every planted query has found the entry that it was made from, at the distance at which it was planted.
pub(super) fn planted_are_near(answers: &[NearQuery<'_>]) -> anyhow::Result<()> {
    same(answers.iter().all(|(query, near)| {
        let is_it =
            |(at, distance)| near.hits.iter().any(|hit| (hit.entry as usize, hit.distance) == (at, distance));
        query.planted.is_none_or(is_it) && !near.cut
    }))
}

/// Every planted query has found its entry alone, and the others nothing.
pub(super) fn planted_are_found(answers: &[ExactQuery<'_>]) -> anyhow::Result<()> {
    same(answers.iter().all(|(query, hits)| {
        let found: Vec<_> = hits.iter().map(|hit| hit.entry as usize).collect();
        found == query.planted.map(|(at, _)| at).as_slice()
    }))
}

/// Some answers, spread over all, are those of a linear search through the codes; gives how many. The codes are made once
/// more, so that they need not stay in memory.
pub(super) fn compare_with_linear_search(
    answers: &[NearQuery<'_>],
    made: &Synthetic,
    codes: usize,
) -> anyhow::Result<usize> {
    let step = answers.len().div_ceil(COMPARED);
    // Not every tenth, which are the planted ones, nor none of them.
    let step = if step.is_multiple_of(2) { step + 1 } else { step };
    let sample: Vec<_> = answers.iter().step_by(step).collect();
    let queries: Vec<_> = sample.iter().map(|(query, _)| (query.code, Distance::PDQ_DEFAULT)).collect();
    let mut expected = vec![Vec::new(); sample.len()];
    made.each(codes, |first, piece| {
        let mut found = vec![Vec::new(); sample.len()];
        Kernel::best().find_within_many(piece, &queries, &mut found);
        for (expected, found) in expected.iter_mut().zip(found) {
            expected.extend(found.into_iter().map(|(at, distance)| (distance, first + at)));
        }
        Ok::<_, anyhow::Error>(())
    })?;
    for ((_, near), expected) in sample.iter().zip(&mut expected) {
        expected.sort_unstable();
        same(near.hits.iter().map(|hit| (hit.distance, hit.entry as usize)).eq(expected.iter().copied()))?;
    }
    Ok(sample.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Pdq;
    use crate::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
    use crate::home::Home;
    use crate::index::{Index, IndexWriter, Scope, SegmentBuilder};

    #[test]
    fn a_search_that_misses_or_invents_is_noticed() {
        const CODES: usize = 5000;
        let made = Synthetic::like_photographs();
        let folder = tempfile::tempdir().unwrap();
        let home = Home::create(&folder.path().join("home"), false).unwrap();
        let mut builder = SegmentBuilder::new();
        for (number, code) in made.codes(CODES).into_iter().enumerate() {
            let entry = Entry {
                key: EntryKey::new(number.to_string()).unwrap(),
                hashes: Hashes::from(crate::digest::Signal::Pdq(Pdq::new(code))),
                labels: Labels::default(),
                opinion: Opinion::default(),
                updated: None,
            };
            builder.push(&entry).unwrap();
        }
        let lock = home.lock().unwrap();
        let segment = builder.write(&home.index_dir()).unwrap();
        let mut writer = IndexWriter::open(&home.index_dir(), &lock).unwrap();
        writer.replace_set("MADE", 1, vec![segment], vec![]).unwrap();
        let index = Index::open(&home.index_dir()).unwrap();
        let queries = made.queries(CODES, 40, Distance::PDQ_DEFAULT);
        let scope = Scope::within(Distance::PDQ_DEFAULT);
        let near = |query: &SyntheticQuery| index.near(&Pdq::new(query.code), &scope, usize::MAX).unwrap();
        let sound: Vec<Near> = queries.iter().map(near).collect();
        let check = |answers: &[Near]| {
            let answers: Vec<_> = queries.iter().zip(answers).collect();
            let compared = compare_with_linear_search(&answers, &made, CODES);
            (planted_are_near(&answers).is_ok(), compared.ok())
        };
        let step = 3;
        assert_eq!(check(&sound), (true, Some(40_usize.div_ceil(step))));

        let mut missed = sound.clone();
        missed[30].hits.clear(); // planted, and in the sample
        assert_eq!(check(&missed), (false, None));
        let mut invented = sound.clone();
        let hit = sound[0].hits[0];
        invented[step].hits.push(hit);
        assert_eq!(check(&invented), (true, None));
        let mut cut = sound.clone();
        cut[1].cut = true;
        assert!(!check(&cut).0);

        let exact =
            |hits: Vec<Hit>| planted_are_found(&[(&queries[10], &hits), (&queries[11], &vec![])]).is_ok();
        let at = queries[10].planted.unwrap().0 as u32;
        let planted = *sound[10].hits.iter().find(|hit| hit.entry == at).unwrap();
        assert!(exact(vec![planted]));
        assert!(!exact(vec![]) && !exact(vec![planted, planted]));
        assert!(planted_are_found(&[(&queries[11], &vec![planted])]).is_err());
    }
}
