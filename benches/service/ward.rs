//! Homes with made lists, and what is asked of them.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use innerward::digest::{Pdq, Sha256, Signal};
use innerward::hashset::{Bounds, EntryKey, Made, ReadOptions, SetName, SetUpdate};
use innerward::home::{Clock, Home};
use innerward::index::{Extent, ImportOptions, Synthetic, bring, merge, withdraw};
use innerward::kernel::{Code256, Distance};
use innerward::screen::{Matcher, Selection};

/// How PDQ hashes lie.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spread {
    Random,
    Skewed,
}

/// A home with a list of PDQ hashes, and one of digests.
pub(crate) struct Ward {
    pub(crate) home: Home,
    _scratch: Option<tempfile::TempDir>,
    entries: usize,
    made: Synthetic,
    matcher: Matcher,
}

/// A hash that is looked up, and how many matches it has.
pub(crate) struct Query {
    pub(crate) text: String,
    pub(crate) matches: usize,
}

const PDQ: &str = "PDQ";
const DIGESTS: &str = "DIGESTS";
const MOVING: &str = "MOVING";
/// The file that says that all lists are in a home.
const COMPLETE: &str = "complete";

impl Ward {
    /// Made, unless it is in `homes` already.
    pub(crate) fn make(homes: Option<&Path>, entries: usize, spread: Spread, digests: bool) -> Self {
        let scratch = homes.is_none().then(|| tempfile::tempdir().unwrap());
        let below: PathBuf =
            homes.map_or_else(|| scratch.as_ref().unwrap().path().to_owned(), Path::to_owned);
        let name = if spread == Spread::Random { "random" } else { "skewed" };
        let root = below.join(format!("{name}-{entries}"));
        let made = match spread {
            Spread::Random => Synthetic::uniform(),
            Spread::Skewed => Synthetic::like_photographs(),
        };
        if !root.join(COMPLETE).exists() {
            let _ = fs::remove_dir_all(&root);
        }
        let home = Home::open_or_create(&root).unwrap();
        if !root.join(COMPLETE).exists() {
            import(&home, PDQ, "pdq", &made, entries);
            if digests {
                import(&home, DIGESTS, "sha256", &Synthetic::uniform(), entries);
            }
            fs::write(root.join(COMPLETE), b"").unwrap();
        }
        let matcher = Matcher::open_selected(&home, Bounds::default(), &Selection::default()).unwrap();
        Self { home, _scratch: scratch, entries, made, matcher }
    }

    /// So many PDQ hashes, one in ten of them planted.
    pub(crate) fn pdq(&self, len: usize) -> Vec<Query> {
        let queries = self.made.queries(self.entries, len, Distance::PDQ_DEFAULT);
        let signals: Vec<Signal> = queries.iter().map(|query| Signal::Pdq(Pdq::new(query.code))).collect();
        let planted = queries.iter().map(|query| query.planted.is_some());
        self.queries("pdq", queries.iter().map(|query| &query.code), &signals, planted)
    }

    /// So many digests, one in ten of them listed.
    pub(crate) fn digests(&self, len: usize) -> Vec<Query> {
        let queries = Synthetic::uniform().queries(self.entries, len, Distance::ZERO);
        let signals: Vec<Signal> = queries.iter().map(|query| sha256(&query.code)).collect();
        let planted = queries.iter().map(|query| query.planted.is_some());
        self.queries("sha256", queries.iter().map(|query| &query.code), &signals, planted)
    }

    fn queries<'a>(
        &self,
        kind: &str,
        codes: impl Iterator<Item = &'a Code256>,
        signals: &[Signal],
        planted: impl Iterator<Item = bool>,
    ) -> Vec<Query> {
        let verdicts = self.matcher.look_up_many(signals).unwrap();
        let query = |((code, verdict), planted): ((&Code256, innerward::screen::Verdict), bool)| {
            assert!(!planted || !verdict.matches.is_empty(), "a planted one is found");
            Query { text: text(kind, code), matches: verdict.matches.len() }
        };
        codes.zip(verdicts).zip(planted).map(query).collect()
    }

    /// A request for digest `number` of the list, counted from its end.
    pub(crate) fn listed_digest(&self, number: usize) -> super::load::Request {
        super::load::Request::get(&format!("/v1/match/hash/{}", text("sha256", &self.code(number))))
    }

    /// Withdraws it, as another process does. The lists are not what they were made as then, and the next bench makes them anew.
    pub(crate) fn withdraw(&self, number: usize) {
        let _ = fs::remove_file(self.home.root().join(COMPLETE));
        self.withdraw_from(&self.matcher, DIGESTS, &sha256(&self.code(number)));
    }

    /// Adds digest `number` of those that are on no list to a list of its own, or withdraws it again, as another process does.
    /// Gives a request for it.
    pub(crate) fn come_and_go(&self, number: usize, comes: bool) -> super::load::Request {
        // What was withdrawn once does not come again.
        let _ = fs::remove_file(self.home.root().join(COMPLETE));
        let digest = Sha256::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes());
        if comes {
            let (lock, made) = (self.home.lock().unwrap(), Made { at: Clock::system().now(), by: None });
            let options = ImportOptions {
                add: true,
                agreed: true,
                ..ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made)
            };
            let mut list = std::io::Cursor::new(text("sha256", &Code256::from_bytes(*digest.as_bytes())));
            let moving = MOVING.parse().unwrap();
            bring(&self.home, &lock, &moving, &mut list, &options).unwrap();
            // As `set import --add` does, and the service: or each entry stays a segment of its own.
            merge(&self.home, &lock, &moving, Extent::Tiers).unwrap();
        } else {
            let now = Matcher::open_selected(&self.home, Bounds::default(), &Selection::default()).unwrap();
            self.withdraw_from(&now, MOVING, &Signal::Sha256(digest));
        }
        let digest = hex::encode(digest.as_bytes());
        super::load::Request::get(&format!("/v1/match/hash/sha256:{digest}"))
    }

    fn withdraw_from(&self, matcher: &Matcher, set: &str, signal: &Signal) {
        let verdict = matcher.look_up(signal).unwrap();
        let key = EntryKey::new(verdict.matches[0].entry.clone()).unwrap();
        let lock = self.home.lock().unwrap();
        let made = Made { at: Clock::system().now(), by: None };
        withdraw(&self.home, &lock, &set.parse().unwrap(), &[key], made).unwrap();
    }

    fn code(&self, number: usize) -> Code256 {
        let queries = Synthetic::uniform().queries(self.entries, 10 * number + 1, Distance::ZERO);
        queries[10 * number].code
    }
}

fn sha256(code: &Code256) -> Signal {
    Signal::Sha256(Sha256::from_bytes(*code.as_bytes()))
}

fn text(kind: &str, code: &Code256) -> String {
    format!("{kind}:{}", hex::encode(code.as_bytes()))
}

fn import(home: &Home, name: &str, kind: &str, made: &Synthetic, entries: usize) {
    let list = tempfile::NamedTempFile::new_in(home.root()).unwrap();
    let mut out = BufWriter::new(list.as_file());
    made.each(entries, |_, codes| codes.iter().try_for_each(|code| writeln!(out, "{}", text(kind, code))))
        .unwrap();
    out.flush().unwrap();
    drop(out);
    let lock = home.lock().unwrap();
    let made = Made { at: Clock::system().now(), by: None };
    let options = ImportOptions {
        agreed: true,
        ..ImportOptions::new(ReadOptions::default(), SetUpdate::default(), made)
    };
    let name: SetName = name.parse().unwrap();
    let mut input = BufReader::new(File::open(list.path()).unwrap());
    bring(home, &lock, &name, &mut input, &options).unwrap();
}
