//! All that the console says, in English: one place for whoever translates it.

use maud::{Markup, html};

use super::page::grouped;
use crate::hashset::Decision;
use crate::screen::Outcome;
use crate::vocabulary::Dimension;

type Text = &'static str;

// The frame.
pub(super) const CONSOLE: Text = "innerward console";
pub(super) const SKIP: Text = "To the content";
pub(super) const PAGES: Text = "Pages";
pub(super) const AS: Text = "as";
pub(super) const LOG_OUT: Text = "Log out";
pub(super) const LOCAL: Text = "What these pages show stays inside the ward. None of it is for sharing.";
pub(super) const DEMO: Text = "DEMO";
pub(super) const DEMO_NOTE: Text = "Everything here is made up.";
pub(super) const OVERVIEW: Text = "Overview";
pub(super) const MATCH: Text = "Match";
pub(super) const COMPARE: Text = "Compare";
pub(super) const DECIDE: Text = "Decide";
pub(super) const QUARANTINE: Text = "Quarantine";
pub(super) const SETS: Text = "Sets";
pub(super) const TALLY: Text = "Tally";
pub(super) const RELEASES: Text = "Releases";
pub(super) const AUDIT: Text = "Audit";
pub(super) const TO_OVERVIEW: Text = "Back to the overview";
pub(super) const NONE: Text = "None.";
pub(super) const NONE_YET: Text = "none yet";
pub(super) const NONE_SAID: Text = "nothing said";
pub(super) const NO: Text = "no";
pub(super) const ALL: Text = "all";
pub(super) const SHOW: Text = "Show";
pub(super) const SHOW_THEM: Text = "show them";

// Refusals.
pub(super) const BAD_TOKEN: Text =
    "This token is not valid, or it has expired. Ask who runs this service for another.";
pub(super) const SESSION_OVER: Text = "your session has ended, and nothing was done; log in again";
pub(super) const FROM_ELSEWHERE: Text = "this did not come from a page of this console, and nothing was done; open the console over TLS or on this machine, and send the form from there";
pub(super) const STALE_FORM: Text =
    "this form is not of your session, and nothing was done; open the page anew and send it from there";
pub(super) const LACKS_SCOPE: Text = "your token lacks the scope";
pub(super) const NO_PAGE: Text = "there is no such page";
pub(super) const NO_METHOD: Text = "this page cannot be asked for in this way; nothing was done";
pub(super) const NO_FORM: Text = "this is no form of this console; nothing was done";
pub(super) const BROKEN_FORM: Text = "the form broke off; send it again";
pub(super) const FORM_TOO_LARGE: Text = "the form is longer than any of this console";
pub(super) const NO_SET_NAME: Text = "this is no name of a set";
pub(super) const NO_SUCH_SET: Text = "there is no set of this name";
pub(super) const NO_KEY: Text = "this is no key of an entry: it has 1 to 200 bytes and no control characters";
pub(super) const NO_ENTRY: Text = "the set has no entry with this key, or it was withdrawn";
pub(super) const NOT_SO_ANY_MORE: Text =
    "the entry is not in that state any more; somebody else may have been quicker";
pub(super) const NO_MONTH: Text = "write a month as 2026-10";
pub(super) const NO_DECISION: Text = "a decision is confirm, deconfirm or unsure";
pub(super) const NO_REASON: Text = "a reason is a code of 1 to 64 of the characters A-Z a-z 0-9 . _ -";
pub(super) const NO_LABEL: Text = "this is no code that a decision may have";
pub(super) const NO_DISTANCE: Text = "a distance is a number of bits, 0 to 256";
pub(super) const NO_HASH: Text =
    "write the hash with its kind in front: pdq:, sha256:, sha1:, md5:, blake3: or a classic kind";
pub(super) const AMBIGUOUS: Text =
    "64 digits may be of several kinds; write pdq:, sha256: or blake3: in front of them";
pub(super) const ONE_OF_BOTH: Text = "choose a file or paste a hash, not both";
pub(super) const NOTHING_SENT: Text = "choose a file, or paste a hash";
pub(super) const TWO_NEEDED: Text = "two things are compared: choose a file or paste a hash for each";

// Logging in.
pub(super) const LOG_IN: Text = "Log in";
pub(super) const LOGIN_LEAD: Text = "For the operator and the analysts of this ward.";
pub(super) const TOKEN: Text = "Your token";
pub(super) const TOKEN_NOTE: Text = "It begins with iw_. You may do here what your token may do. The session ends after 30 minutes without use, after 12 hours, and when the token does.";
pub(super) const OPEN_TITLE: Text = "Without a token";
pub(super) const OPEN_NOTE: Text = "This service is open to everybody who reaches it.";
pub(super) const CERTIFICATE_NOTE: Text =
    "Your browser shows a certificate, and you may do here what it stands for.";
pub(super) const LOG_IN_OPEN: Text = "Go on without a token";

// The overview.
pub(super) const LISTS_FINE: Text = "The lists are searched as they are now.";
pub(super) const LISTS_FAULT: Text = "The newest lists cannot be opened; answers rest on earlier ones.";
pub(super) const ENTRIES: Text = "Entries";
pub(super) const WAITING: Text = "entries wait for a person";
pub(super) const BUDGET_LEFT: Text = "Budget left";
pub(super) const LAST_RELEASE: Text = "Last release";
pub(super) const NOTHING_SPENT_YET: Text = "all of it";
pub(super) const WORK: Text = "Work";
pub(super) const SINCE: Text = "Since the service started,";
pub(super) const REQUESTS: Text = "Requests answered";
pub(super) const LOOKUPS: Text = "Hashes looked up";
pub(super) const UPLOADS: Text = "Files hashed";
pub(super) const WORK_HEADS: [Text; 3] = ["what", "number", "a second"];

// Sets.
pub(super) const SET: Text = "Set";
pub(super) const ALL_SETS: Text = "All sets";
pub(super) const NO_SETS: Text =
    "There is no list to match against yet; import one with `innerward set import NAME FILE`.";
pub(super) const SETS_LEAD: Text = "What is matched against, and what the agreements allow.";
pub(super) const SETS_CAPTION: Text = "Sets and their state";
pub(super) const SET_HEADS: [Text; 7] =
    ["set", "entries", "role", "revision", "revised", "allowed until", "state"];
pub(super) const SEARCHED: Text = "searched";
pub(super) const NOT_SEARCHED: Text = "not searched";
pub(super) const NO_END: Text = "no end";
pub(super) const HEALTH: Text = "Health";
pub(super) const COVERAGE: Text = "What it can match by";
pub(super) const POLICY: Text = "Policy";
pub(super) const HISTORY: Text = "History";
pub(super) const IS_SEARCHED: Text = "State";
pub(super) const ACTIVE: Text = "Entries";
pub(super) const WITHDRAWN: Text = "Withdrawn, not yet merged away";
pub(super) const REVISION: Text = "Revision";
pub(super) const CONFIRMED: Text = "confirmed";
pub(super) const DECONFIRMED: Text = "deconfirmed";
pub(super) const UNSURE: Text = "unsure";
pub(super) const FILES: Text = "Files of the index";
pub(super) const KINDS_CAPTION: Text = "Entries that have a hash of each kind";
pub(super) const KIND_HEADS: [Text; 3] = ["kind", "entries", "share"];
pub(super) const BY_BYTES: Text = "By equal bytes alone";
pub(super) const BY_MD5: Text = "of them by MD5 alone, which can be forged";
pub(super) const BY_LOOKS: Text = "By looks";
pub(super) const BY_FRAMES: Text = "By frames of videos";
pub(super) const PLAIN: Text = "Too plain for a near match";
pub(super) const NEGATIVE: Text = "Their list says they are not what it is about";
pub(super) const BY_NOTHING: Text = "By nothing";
pub(super) const ROLE: Text = "Role";
pub(super) const CLASS: Text = "Class";
pub(super) const NEAR_BOUNDS: Text = "Near is up to";
pub(super) const EQUAL_ALONE: Text = "equal hashes only";
pub(super) const ALLOWED: Text = "Its agreement allows";
pub(super) const UNTIL: Text = "Until";
pub(super) const SIGNED: Text = "Its lists are signed with";
pub(super) const OVERRULES: Text = "Overrules";
pub(super) const SOURCE: Text = "Source";
pub(super) const LICENCE: Text = "Licence";
pub(super) const HISTORY_CAPTION: Text = "What was done to the set, the latest first";
pub(super) const HISTORY_HEADS: [Text; 4] = ["when", "revision", "what", "by"];
pub(super) const LIST_ADDED: Text = "list added";
pub(super) const LIST_IMPORTED: Text = "list imported";
pub(super) const WAS_SIGNED: Text = "signed";
pub(super) const POLICY_CHANGED: Text = "policy changed:";
pub(super) const FROM: Text = "from";
pub(super) const TO: Text = "to";
pub(super) const SET_REMOVED: Text = "set removed";

// Quarantine.
pub(super) const QUARANTINE_LEAD: Text = "Entries that were hit more often than the operator allows match nothing until a person has looked at them. One that is put back matches again and is exempt from the guard until it is guarded again.";
pub(super) const IN_QUARANTINE: Text = "In quarantine";
pub(super) const EXEMPT: Text = "Put back, exempt from the guard";
pub(super) const QUARANTINE_HEADS: [Text; 5] = ["set", "entry", "since", "hits", "deeds"];
pub(super) const PUT_BACK: Text = "Put back";
pub(super) const GUARD_AGAIN: Text = "Guard again";
pub(super) const LOOK_AT: Text = "Look at it";
pub(super) const ONLY_OF: Text = "Only entries of";

// Decisions.
pub(super) const DECIDE_LEAD: Text =
    "What analysts found entries to be. Decisions stay in this ward; innerward sends nothing to anybody.";
pub(super) const FIND: Text = "Find an entry";
pub(super) const FIND_IT: Text = "Find";
pub(super) const KEY: Text = "Key";
pub(super) const KEY_NOTE: Text = "As a match shows it.";
pub(super) const DECISIONS: Text = "Decisions that hold";
pub(super) const NO_DECISIONS: Text = "No decisions yet.";
pub(super) const DECISION_HEADS: [Text; 7] = ["when", "set", "entry", "decision", "by", "reason", "deeds"];
pub(super) const ALL_DECISIONS: Text = "All decisions";
pub(super) const DECIDE_ON: Text = "Decide on an entry";
pub(super) const ENTRY: Text = "The entry";
pub(super) const YOUR_DECISION: Text = "Your decision";
pub(super) const HASHES: Text = "Has hashes of";
pub(super) const LABELS: Text = "Its list says";
pub(super) const CATEGORIES: Text = "In the source's words";
pub(super) const STANDING: Text = "State";
pub(super) const EARLIER: Text = "Decided so far";
pub(super) const NOTE: Text = "Note";
pub(super) const MATCHES: Text = "matches";
pub(super) const PUT_BACK_STATE: Text = "matches; put back from quarantine";
pub(super) const DECISION: Text = "What you found";
pub(super) const DECISION_NOTE: Text = "The latest decision on an entry holds. Decide only on what you have looked at in your own tool: this console shows no content.";
pub(super) const CHOICES: [(Decision, Text, Text); 3] = [
    (Decision::Confirm, "Confirm", "It is what its list says."),
    (Decision::Deconfirm, "Deconfirm", "It is not what its list says."),
    (Decision::Unsure, "Unsure", "It cannot be told; takes an earlier decision back."),
];
pub(super) const WHAT_IT_IS: Text = "What the item is, if you can tell";
pub(super) const WHAT_IT_IS_NOTE: Text = "Counted in the local tally with the decision.";
pub(super) const NOT_SAID: Text = "not said";
pub(super) const REASON: Text = "Reason, as a code";
pub(super) const REASON_NOTE: Text = "Of yours or of the source; no free text.";
pub(super) const KEEP: Text = "Keep this decision";

// Matching.
pub(super) const ASK: Text = "Ask";
pub(super) const ANSWER: Text = "Answer";
pub(super) const MATCH_LEAD: Text =
    "A file is hashed in a confined process and forgotten; it is never shown, kept or named here.";
pub(super) const MATCH_COUNTED: Text = "It counts in the local tally as any other that the service screens, once a period; a pasted hash does not.";
pub(super) const FILE: Text = "A file: drop it here, or choose it";
pub(super) const FILE_NOTE: Text = "A picture, a video or anything else.";
pub(super) const OR_HASH: Text = "or a hash";
pub(super) const HASH_NOTE: Text =
    "With its kind in front, as in pdq:… or sha256:…; an MD5 or a SHA-1 also without.";
pub(super) const NARROW: Text = "Only one set, or another distance";
pub(super) const ONLY_SET: Text = "Set";
pub(super) const DISTANCE: Text = "PDQ: bits that may differ";
pub(super) const CHECK: Text = "Check";
pub(super) const UNCHECKED_BECAUSE: Text = "Not all of it was checked.";
pub(super) const BEWARE: Text = "Beware.";
pub(super) const ASKED_ABOUT: Text = "Asked about";
pub(super) const BYTES: Text = "bytes";
pub(super) const COMPARED_BY: Text = "Compared";
pub(super) const EQUALITY: Text = "for equality";
pub(super) const NEARNESS_ONE: Text = "for nearness, as it is given, in one orientation";
pub(super) const DIGESTS: Text = "Digests compared";
pub(super) const LOOKS: Text = "Looks compared";
pub(super) const NO_LOOKS: Text = "none";
pub(super) const TOO_PLAIN: Text = "too plain, not compared";
pub(super) const MATCHED: Text = "What matched, the strongest first";
pub(super) const MATCH_HEADS: [Text; 6] =
    ["set", "entry", "by", "turned, read as", "labels", "what it counts for"];
pub(super) const MORE_MATCHES: Text = "There are more matches than are listed; these are the strongest.";
pub(super) const DECIDE_IT: Text = "Decide";
pub(super) const EQUAL: Text = "equal";
pub(super) const DIFFERENT: Text = "different";
pub(super) const OF_FRAMES: Text = "of the frames of the one are near the other's, and the other way round";
pub(super) const HELD_QUARANTINED: Text = "held: the entry is in quarantine or switched off";
pub(super) const HELD_DECONFIRMED: Text = "held: an analyst deconfirmed the entry";
pub(super) const HELD_SUPPRESSED: Text = "held: overruled by the harmless files of";
pub(super) const HELD_WATCHED: Text = "watched: counted apart, decides nothing";
pub(super) const HARMLESS: Text = "harmless";
pub(super) const COUNTS: Text = "counts";
pub(super) const NOT_COUNTED: Text = "no statistics, by its agreement";
pub(super) const WHY_NEAR: Text = "Why they are near";
pub(super) const WHY_NEAR_NOTE: Text = "Each square is a bit of the two hashes; the dark ones differ. That tells the listed hash, so it is drawn only for who may export the set.";
pub(super) const COMPARE_LEAD: Text =
    "Two files, two hashes, or one of each, without any list. Neither is shown, kept, named or counted.";
pub(super) const FIRST: Text = "The first";
pub(super) const SECOND: Text = "The second";
pub(super) const COMPARE_NOTE: Text =
    "64 digits without a kind are read as PDQ, and as a digest if they equal one.";
pub(super) const DIGEST_HEADS: [Text; 2] = ["kind", "they are"];
pub(super) const DISTANCE_TOLD: Text = "Differ in";
pub(super) const TURNED: Text = "Turned";
pub(super) const READ_AS: Text = "Read as";
pub(super) const A_HASH: Text = "a hash";
pub(super) const PAIR_TOO_PLAIN: Text = "One of them is too plain, so that a search would not go by this.";
pub(super) const CLASSICS: Text = "Classic hashes";
pub(super) const CLASSIC_HEADS: [Text; 2] = ["kind", "differ in"];

// Tally.
pub(super) const NOT_FOR_SHARING: Text = "Local, not for sharing.";
pub(super) const TALLY_NOTE: Text = "These counts are exact; a small one may point to one person. Only a release makes figures that may be shared.";
pub(super) const MONTH: Text = "Month";
pub(super) const SEALED: Text = "The month is sealed: its counts do not change any more.";
pub(super) const NOT_SEALED: Text = "The month is not sealed: it still counts.";
pub(super) const NOTHING_COUNTED: Text = "Nothing was counted.";
pub(super) const TALLY_HEADS: [Text; 6] = ["verdict", "severity", "list class", "media", "channel", "items"];
pub(super) const OTHERS: Text = "What else was counted";
pub(super) const OTHER_HEADS: [Text; 2] = ["indicator", "number"];

// Releases.
pub(super) const RELEASES_LEAD: Text = "What was published under which plan, and what is left of the privacy budget. Publishing is done with `innerward release publish`.";
pub(super) const BUDGETS: Text = "Budget";
pub(super) const BUDGETS_CAPTION: Text = "Epsilon of each month and year that has been charged";
pub(super) const BUDGET_HEADS: [Text; 5] = ["period", "budget", "spent", "left", "by plan"];
pub(super) const NOTHING_SPENT: Text = "Nothing has been charged.";
pub(super) const CHARGES: Text = "Published";
pub(super) const CHARGES_CAPTION: Text = "Charges, the latest first";
pub(super) const CHARGE_HEADS: [Text; 6] = ["period", "plan", "revision", "epsilon", "charged on", "release"];
pub(super) const NOTHING_PUBLISHED: Text = "Nothing was published yet.";
pub(super) const INTERRUPTED: Text = "interrupted; publish the period again to finish it";
pub(super) const PLANS: Text = "Plans";
pub(super) const PLANS_CAPTION: Text = "Registered plans, the latest first";
pub(super) const PLAN_HEADS: [Text; 5] =
    ["plan", "registered", "applies from", "expires after", "ended from"];
pub(super) const NO_PLANS: Text = "No plan is registered; `innerward release plan` registers one.";

// Audit.
pub(super) const AUDIT_LEAD: Text =
    "Who did what to which set, decision, release or token. Without content: no entry, no hash, no file.";
pub(super) const AUDIT_CAPTION: Text = "Deeds, the latest first";
pub(super) const AUDIT_HEADS: [Text; 7] = ["number", "when", "who", "by way of", "did", "to", "more"];
pub(super) const NO_DEEDS: Text = "Nothing is on record yet.";
pub(super) const AUDIT_FAULTS: Text =
    "lines of the audit are not as they were written; `innerward audit verify` tells which.";
pub(super) const AUDIT_MORE: Text = "Earlier deeds: `innerward audit export`.";

/// What was just done, by the code in the address; nothing for any other.
pub(super) fn done(code: &str) -> Markup {
    let said = match code {
        "put-back" => "Put back: the entry matches again.",
        "guarded" => "Guarded again: its hits count anew.",
        "decided" => "The decision is kept, and counted as reviewed in the tally.",
        "decided-uncounted" => {
            "The decision is kept. It is not counted in the tally: the set is watched, or its agreement allows no statistics."
        }
        _ => return html! {},
    };
    html! { p.fine role="status" { (said) } }
}

/// The word of an outcome, and what it means.
pub(super) const fn outcome(outcome: Outcome) -> (Text, Text) {
    match outcome {
        Outcome::Known => ("Known", "A digest is equal to one in a list."),
        Outcome::Near => ("Near", "It looks like an entry of a list; a person decides."),
        Outcome::Ignored => ("Ignored", "A digest is equal to one in a list of harmless files."),
        Outcome::Quarantined => {
            ("Quarantined", "What matched is in quarantine or switched off; a person decides.")
        }
        Outcome::Deconfirmed => {
            ("Deconfirmed", "What matched is an entry that an analyst found not to be what its list says.")
        }
        Outcome::Unchecked => {
            ("Unchecked", "What could be checked matched nothing, and something could not be checked.")
        }
        Outcome::Unknown => ("Unknown", "Everything was checked, and nothing matched."),
    }
}

/// The same of two things side by side.
pub(super) const fn compared(outcome: Outcome) -> (Text, Text) {
    match outcome {
        Outcome::Known => ("Equal", "A digest of the one is equal to one of the other."),
        Outcome::Near => ("Near", "They look alike."),
        Outcome::Unchecked => ("Not compared", "Something that is needed could not be compared."),
        _ => ("Different", "They were compared, and are neither equal nor near."),
    }
}

/// What a dimension is called in a form.
pub(super) const fn dimension(dimension: Dimension) -> Text {
    match dimension {
        Dimension::Severity => "Severity",
        Dimension::Maturity => "Maturity",
        Dimension::AgeBand => "Age band",
        Dimension::Sex => "Sex",
        Dimension::Origin => "Origin",
        Dimension::Legal => "Legal standing",
        Dimension::Harm => "Harm",
        _ => "Other",
    }
}

pub(super) fn come_again(seconds: u64) -> String {
    format!("Come again in {seconds} seconds.")
}

pub(super) fn generation(number: u64) -> String {
    format!("Generation {} of the index.", grouped(number))
}

pub(super) fn in_sets(number: usize) -> String {
    format!("in {number} {}", if number == 1 { "set" } else { "sets" })
}

pub(super) fn held(number: u64) -> String {
    format!("{} in quarantine", grouped(number))
}

pub(super) fn entries(number: u64) -> String {
    format!("{} entries", grouped(number))
}

pub(super) fn new(number: u64) -> String {
    format!("{} new", grouped(number))
}

pub(super) fn gone(number: u64) -> String {
    format!("{} gone", grouped(number))
}

pub(super) fn bad_lines(number: u64) -> String {
    format!("{} bad lines", grouped(number))
}

pub(super) fn withdrawn(keys: u64) -> String {
    format!("{} entries withdrawn", grouped(keys))
}

pub(super) fn items_this(month: &str) -> String {
    format!("items counted in {month}; local, not for sharing")
}

pub(super) fn items_in(month: &str) -> String {
    format!("Distinct items in {month}")
}

pub(super) fn tally_of(month: &str) -> String {
    format!("Tally of {month}")
}

pub(super) fn budget_of(period: &str, cap: &str) -> String {
    format!("of epsilon {cap} for {period}")
}

pub(super) fn matchable(matchable: u64, active: u64) -> String {
    format!("{} of {} entries can be matched.", grouped(matchable), grouped(active))
}

pub(super) fn quality(percent: u8) -> String {
    format!("quality {percent}")
}

pub(super) fn frames(number: usize) -> String {
    format!("{number} frames")
}

pub(super) fn several(dimension: &str) -> String {
    format!("its list gives several codes of {dimension}")
}

/// A place in a video.
pub(super) fn at(millis: u32) -> String {
    format!("at {}:{:02}.{:03}", millis / 60_000, millis / 1000 % 60, millis % 1000)
}

pub(super) fn bits_differ(what: &str, apart: usize, all: usize) -> String {
    format!("{what}: {apart} of {all} bits differ")
}

pub(super) fn cut(shown: usize, all: usize) -> String {
    format!("{} of {} are shown.", grouped(shown as u64), grouped(all as u64))
}
