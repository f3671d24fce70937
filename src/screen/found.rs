//! What a search found for one item, kept within bounds and in an order that does not hang on the order of arrival.
//!
//! An entry is ranked by the best of its lines alone, so whether it is among the strongest can be told line by line: a line
//! behind the last place can be passed over for ever, since its entry is kept for a better line or for none. What all lines
//! of an entry say together (labels) is gathered for those that are kept, if need be in a second pass.

use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use super::Verdict;
use super::matched::{Grade, Held, Match, MatchedBy, Part, Rank, conflicts, most_severe};
use super::standing::Standing;
use super::videos::InVideo;
use crate::digest::Transform;
use crate::hashset::Labels;
use crate::index::{EntryRef, Key};
use crate::kernel::Distance;
use crate::media::{Form, Gap};
use crate::vocabulary::Category;

/// An entry, by one kind of hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Id<'a> {
    set: &'a str,
    entry: Key<'a>,
    signal: MatchedBy,
}

/// One line of a list that answers a question. What it says is borrowed from the index; nothing is copied to rank it.
#[derive(Clone, Copy)]
pub(super) struct Answer<'a> {
    pub(super) entry: EntryRef<'a>,
    pub(super) signal: MatchedBy,
    pub(super) distance: Distance,
    pub(super) max_distance: Distance,
    pub(super) transform: Option<Transform>,
    pub(super) form: Option<Form>,
    pub(super) video: Option<InVideo>,
}

/// The same, with what it counts for.
pub(super) struct Given<'a> {
    pub(super) answer: Answer<'a>,
    pub(super) standing: Standing<'a>,
}

impl<'a> Given<'a> {
    fn grade(&self) -> Grade<'a> {
        let Answer { entry, signal, distance, .. } = self.answer;
        Grade::new(self.standing.part(), signal, distance, most_severe(entry.codes()), entry.set())
    }

    fn id(&self) -> Id<'a> {
        let Answer { entry, signal, .. } = self.answer;
        Id { set: entry.set(), entry: entry.key(), signal }
    }
}

/// An entry that is kept: its nearest form and orientation, and what all its lines say together.
struct Kept<'a> {
    rank: Rank<'a>,
    standing: Standing<'a>,
    distance: Distance,
    max_distance: Distance,
    transform: Option<Transform>,
    form: Option<Form>,
    video: Option<InVideo>,
    /// As they are stored.
    labels: BTreeSet<&'a str>,
}

impl<'a> Kept<'a> {
    fn new(rank: Rank<'a>, given: &Given<'a>) -> Self {
        let Answer { entry, distance, max_distance, transform, form, video, .. } = given.answer;
        let (standing, labels) = (given.standing, entry.label_texts().collect());
        Self { rank, standing, distance, max_distance, transform, form, video, labels }
    }

    /// A list may say an entry twice with other labels: what holds of it is all of them together.
    fn merge(&mut self, rank: Rank<'a>, given: &Given<'a>) {
        let Answer { entry, distance, form, transform, video, .. } = given.answer;
        let place = (form, transform, video);
        // Of lines behind the best some may have been passed over, so nothing but labels is taken from them.
        if rank < self.rank || (rank == self.rank && place < (self.form, self.transform, self.video)) {
            (self.rank, self.distance) = (rank, distance);
            (self.form, self.transform, self.video) = place;
        }
        self.labels.extend(entry.label_texts());
    }

    fn into_match(self, id: Id<'a>) -> Match {
        let codes = self.labels.iter().filter_map(|label| label.parse().ok());
        let category = |label: &&str| -> Option<Category> {
            label.strip_prefix(Category::PREFIX)?.strip_prefix(':')?.parse().ok()
        };
        let labels = codes.collect::<Labels>().with_categories(self.labels.iter().filter_map(category));
        Match {
            set: id.set.to_owned(),
            entry: id.entry.as_str().to_owned(),
            signal: id.signal,
            distance: self.distance,
            max_distance: self.max_distance,
            transform: self.transform,
            form: self.form,
            video: self.video,
            labels: labels.as_slice().to_vec(),
            categories: labels.categories().to_vec(),
            conflicts: conflicts(labels.as_slice()),
            role: self.standing.role,
            held: self.standing.held,
            suppressed_by: self.standing.suppressed_by.map(str::to_owned),
            confirmed: self.standing.confirmed,
            deconfirmed: self.standing.deconfirmed,
            list_class: self.standing.list_class,
            nearest_severity: self.rank.grade.severity(),
            derive: self.standing.derive,
        }
    }
}

/// The strongest matches so far, each entry once for each kind of hash. Those that may not be counted are kept apart: what
/// is counted must not hang on how many of them there are.
#[derive(Default)]
pub(super) struct Found<'a> {
    open: Parts<'a>,
    quiet: Parts<'a>,
}

impl<'a> Found<'a> {
    fn parts(&mut self, given: &Given<'a>) -> &mut Parts<'a> {
        if given.standing.derive { &mut self.open } else { &mut self.quiet }
    }

    pub(super) fn add(&mut self, given: &Given<'a>) {
        self.parts(given).add(given);
    }

    /// After the last line: keeps no more than are listed. True if there were more.
    pub(super) fn close(&mut self) -> bool {
        let open = self.open.close();
        self.quiet.close() || open
    }

    /// Adds what `given` says of an entry that is kept, and nothing else.
    pub(super) fn complete(&mut self, given: &Given<'a>) {
        self.parts(given).part(given).complete(given);
    }

    /// The verdict that all this makes.
    pub(super) fn into_verdict(self, gap: Option<Gap>) -> Verdict {
        let cut = self.open.is_cut() || self.quiet.is_cut();
        let (mut matches, held_and_counted) = self.open.into_matches();
        let (quiet, mut held) = self.quiet.into_matches();
        matches.extend(quiet);
        // Why matches were held, of those too that are not among the strongest.
        held.extend(&held_and_counted);
        let mut verdict = Verdict::conclude(matches, cut, gap);
        verdict.held = held;
        if let Some(counted) = &mut verdict.counted_as {
            counted.held = held_and_counted;
        }
        verdict
    }
}

/// Those that do not count, and those to harmless sets, which come last and may still decide, are kept apart.
#[derive(Default)]
struct Parts<'a> {
    counting: Strongest<'a>,
    harmless: Strongest<'a>,
    held: Strongest<'a>,
    /// Why matches were held, those too that are not among the strongest.
    reasons: BTreeSet<Held>,
}

impl<'a> Parts<'a> {
    fn part(&mut self, given: &Given<'a>) -> &mut Strongest<'a> {
        match given.standing.part() {
            Part::Counting => &mut self.counting,
            Part::Harmless => &mut self.harmless,
            Part::Held(_) => &mut self.held,
        }
    }

    fn add(&mut self, given: &Given<'a>) {
        self.reasons.extend(given.standing.held);
        self.part(given).add(given);
    }

    fn close(&mut self) -> bool {
        for part in [&mut self.counting, &mut self.harmless, &mut self.held] {
            part.close();
        }
        self.is_cut()
    }

    fn is_cut(&self) -> bool {
        self.counting.cut || self.harmless.cut || self.held.cut
    }

    fn into_matches(self) -> (Vec<Match>, BTreeSet<Held>) {
        let parts = [self.counting, self.harmless, self.held];
        let kept = parts.into_iter().flat_map(|part| part.kept);
        (kept.map(|(id, kept)| kept.into_match(id)).collect(), self.reasons)
    }
}

/// Up to [`Verdict::LIMIT`] entries, those that come first in the order of verdicts, whatever the order of lines; twice
/// as many while it is at work.
#[derive(Default)]
struct Strongest<'a> {
    kept: BTreeMap<Id<'a>, Kept<'a>>,
    /// The last one kept when some were dropped: what comes after it need not be looked at.
    last: Option<Rank<'a>>,
    cut: bool,
    /// By set what all that is kept of it says: a line that says no more need not be looked at again.
    said: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Strongest<'a> {
    fn add(&mut self, given: &Given<'a>) {
        let grade = given.grade();
        // The grade first: of ten thousand lines behind the last place, not one key is worth computing.
        if self.last.is_some_and(|last| last.grade < grade) {
            return;
        }
        let id = given.id();
        let rank = Rank { grade, entry: id.entry };
        if self.last.is_some_and(|last| last < rank) {
            return;
        }
        match self.kept.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(Kept::new(rank, given));
            }
            Slot::Occupied(mut slot) => slot.get_mut().merge(rank, given),
        }
        if self.kept.len() == 2 * Verdict::LIMIT {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.kept.len() <= Verdict::LIMIT {
            return;
        }
        let mut ranks: Vec<Rank<'a>> = self.kept.values().map(|kept| kept.rank).collect();
        let (_, last, _) = ranks.select_nth_unstable(Verdict::LIMIT - 1); // there are more than that
        let last = *last;
        self.kept.retain(|_, kept| kept.rank <= last);
        (self.last, self.cut) = (Some(last), true);
    }

    fn close(&mut self) {
        self.shrink();
        if !self.cut {
            return; // nothing was passed over
        }
        for (id, kept) in &self.kept {
            match self.said.entry(id.set) {
                Slot::Vacant(slot) => {
                    slot.insert(kept.labels.clone());
                }
                Slot::Occupied(mut slot) => slot.get_mut().retain(|label| kept.labels.contains(label)),
            }
        }
    }

    fn complete(&mut self, given: &Given<'a>) {
        let Some(said) = self.said.get(given.answer.entry.set()) else { return };
        // The best line was there in the first pass: labels are all that another can add.
        if given.answer.entry.label_texts().all(|label| said.contains(label)) {
            return;
        }
        if let Some(kept) = self.kept.get_mut(&given.id()) {
            kept.labels.extend(given.answer.entry.label_texts());
        }
    }
}
