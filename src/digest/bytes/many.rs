//! Several inputs read and hashed side by side, with memory that does not depend on their lengths.

use std::io::{self, ErrorKind, Read};

use super::sha;
use super::tail::{BLOCK, Tail};
use super::{Chains, Digests, md5};
use crate::kernel::lanes::{Lanes, Level, MESSAGES, MessageBlock, Row, Wide, Words};

/// Bytes that are read of an input in one go: those of all inputs stay in a near cache while the other digests pass over
/// them, and most small files come whole.
const BUFFER: usize = 64 * 1024;

/// Which digests a CPU takes side by side, and from how many inputs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Way {
    lanes: Lanes,
    /// With fewer inputs than this, one after the other is faster: a step costs the same however many lanes are in use.
    fewest: usize,
    /// SHA-1 and SHA-256 too, and not the hashing unit one input after the other.
    sha: bool,
}

impl Way {
    fn of(lanes: Lanes) -> Self {
        match (lanes.width(), has_hashing_unit()) {
            (16, _) => Self { lanes, fewest: 7, sha: true },
            (8, true) => Self { lanes, fewest: 7, sha: false },
            (8, false) => Self { lanes, fewest: 5, sha: true },
            _ => Self { lanes, fewest: MESSAGES + 1, sha: false },
        }
    }
}

/// True if SHA-1 and SHA-256 have instructions of their own.
fn has_hashing_unit() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("sha");
    #[cfg(not(target_arch = "x86_64"))]
    true
}

/// Inputs on their way to their digests, up to [`SideBySide::MOST`] at a time.
///
/// Each is read to its end. An input that cannot be read costs itself alone.
///
/// # Examples
/// ```
/// # use innerward::digest::{Digests, SideBySide};
/// let mut inputs = SideBySide::new();
/// inputs.push(&b"one"[..]);
/// inputs.push(&b"another"[..]);
/// let mut found = 0;
/// while !inputs.is_empty() {
///     for done in inputs.advance() {
///         let hashed = done.hashed?;
///         assert!([Digests::of(b"one"), Digests::of(b"another")].contains(&hashed.digests));
///         found += 1;
///     }
/// }
/// assert_eq!(found, 2);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct SideBySide<R> {
    way: Way,
    inputs: Vec<Input<R>>,
    states: Box<States>,
    /// Buffers of inputs that are done.
    spare: Vec<Box<[u8]>>,
}

/// An input that was read to its end, or could not be.
#[derive(Debug)]
pub struct Done<R> {
    /// What was pushed.
    pub input: R,
    /// Its length and digests, or why there are none.
    pub hashed: io::Result<Hashed>,
}

/// What the bytes of an input give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashed {
    /// How many there were.
    pub bytes: u64,
    /// Their digests.
    pub digests: Digests,
}

struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// What of the buffer was not taken in yet.
    from: usize,
    to: usize,
    /// Bytes read so far.
    bytes: u64,
    blake3: blake3::Hasher,
    /// There is nothing more to read.
    ended: bool,
}

impl<R> Input<R> {
    fn blocks(&self) -> &[MessageBlock] {
        self.buffer[self.from..self.to].as_chunks().0
    }
}

/// The chained states of every lane; the lane of an input is its place among the inputs.
#[derive(Clone)]
struct States {
    md5: [Row; 4],
    sha1: [Row; 5],
    sha256: [Row; 8],
}

impl States {
    const EMPTY: Self = {
        let row = Row([0; MESSAGES]);
        Self { md5: [row; 4], sha1: [row; 5], sha256: [row; 8] }
    };

    fn get(&self, lane: usize) -> Chains {
        Chains {
            md5: self.md5.map(|row| row.0[lane]),
            sha1: self.sha1.map(|row| row.0[lane]),
            sha256: self.sha256.map(|row| row.0[lane]),
        }
    }

    fn set(&mut self, lane: usize, chains: &Chains) {
        let rows = self.md5.iter_mut().chain(&mut self.sha1).chain(&mut self.sha256);
        let words = chains.md5.iter().chain(&chains.sha1).chain(&chains.sha256);
        rows.zip(words).for_each(|(row, word)| row.0[lane] = *word);
    }
}

impl<R: Read> Default for SideBySide<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Read> SideBySide<R> {
    /// Most inputs at a time.
    pub const MOST: usize = MESSAGES;

    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Lanes::best())
    }

    fn with(lanes: Lanes) -> Self {
        Self { way: Way::of(lanes), inputs: Vec::new(), states: Box::new(States::EMPTY), spare: Vec::new() }
    }

    /// True if nothing is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }

    /// How many are under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Takes an input in, to be read from where it stands.
    ///
    /// # Panics
    /// If there are [`SideBySide::MOST`] already.
    pub fn push(&mut self, reader: R) {
        assert!(self.len() < Self::MOST, "room for another input is asked for first");
        self.states.set(self.len(), &Chains::default());
        let buffer = self.spare.pop().unwrap_or_else(|| vec![0; BUFFER].into_boxed_slice());
        let blake3 = blake3::Hasher::new();
        self.inputs.push(Input { reader, buffer, from: 0, to: 0, bytes: 0, blake3, ended: false });
    }

    /// Goes on until an input is done, and gives what is; nothing if there is none.
    pub fn advance(&mut self) -> Vec<Done<R>> {
        let mut done = Vec::new();
        loop {
            let mut lane = 0;
            while lane < self.len() {
                match self.refill(lane) {
                    Ok(true) => lane += 1,
                    Ok(false) => {
                        let hashed = self.finish(lane);
                        done.push(self.remove(lane, Ok(hashed)));
                    }
                    Err(error) => done.push(self.remove(lane, Err(error))),
                }
            }
            if !done.is_empty() || self.is_empty() {
                return done;
            }
            if self.len() < self.way.fewest {
                self.take_one();
            } else {
                self.take_all();
            }
        }
    }

    /// Sees to it that an input has a whole block to give; false if it has none left.
    fn refill(&mut self, lane: usize) -> io::Result<bool> {
        let input = &mut self.inputs[lane];
        if input.to - input.from >= BLOCK {
            return Ok(true);
        }
        if input.ended {
            return Ok(false);
        }
        // What is left over is nothing: only at its end does an input have less than whole blocks.
        (input.from, input.to) = (0, 0);
        while input.to < BUFFER && !input.ended {
            match input.reader.read(&mut input.buffer[input.to..]) {
                Ok(0) => input.ended = true,
                Ok(len) => input.to += len,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        input.bytes += input.to as u64;
        input.blake3.update(&input.buffer[..input.to]);
        Ok(input.to >= BLOCK)
    }

    /// Takes in what the first input has in its buffer.
    fn take_one(&mut self) {
        let mut chains = self.states.get(0);
        chains.compress(self.inputs[0].blocks());
        self.states.set(0, &chains);
        let input = &mut self.inputs[0];
        input.from += input.blocks().len() * BLOCK;
    }

    /// Takes in as many blocks of every input as each has.
    fn take_all(&mut self) {
        let run = self.inputs.iter().map(|input| input.blocks().len()).min().unwrap_or(0);
        // Lanes without an input repeat the first one's work; nobody reads what they give.
        let runs: [&[MessageBlock]; MESSAGES] =
            std::array::from_fn(|lane| &self.inputs.get(lane).unwrap_or(&self.inputs[0]).blocks()[..run]);
        let states = &mut *self.states;
        if self.way.sha {
            self.way.lanes.run(Compress::<true> { states, runs: &runs });
        } else {
            self.way.lanes.run(Compress::<false> { states, runs: &runs });
            for (lane, run) in runs[..self.inputs.len()].iter().enumerate() {
                let mut chains = states.get(lane);
                chains.compress_sha(run);
                states.set(lane, &chains);
            }
        }
        for input in &mut self.inputs {
            input.from += run * BLOCK;
        }
    }

    fn finish(&mut self, lane: usize) -> Hashed {
        let input = &self.inputs[lane];
        let tail = Tail::new(&input.buffer[input.from..input.to], input.bytes);
        let digests = self.states.get(lane).finish(&tail, input.blake3.finalize());
        Hashed { bytes: input.bytes, digests }
    }

    /// The last one takes the lane of the one that goes.
    fn remove(&mut self, lane: usize, hashed: io::Result<Hashed>) -> Done<R> {
        let last = self.states.get(self.len() - 1);
        self.states.set(lane, &last);
        let Input { reader, buffer, .. } = self.inputs.swap_remove(lane);
        self.spare.push(buffer);
        Done { input: reader, hashed }
    }
}

/// Takes in the blocks of every lane; all runs are of one length. With `SHA` by all three chains, else by MD5 alone.
struct Compress<'a, const SHA: bool> {
    states: &'a mut States,
    runs: &'a [&'a [MessageBlock]; MESSAGES],
}

impl<const SHA: bool> Wide for Compress<'_, SHA> {
    type Output = ();

    #[inline(always)]
    fn run<L: Level>(self, level: L) {
        let mut rows = [Row([0; MESSAGES]); 16];
        let mut first = [&[0; BLOCK]; MESSAGES];
        for at in 0..self.runs[0].len() {
            for (block, run) in first.iter_mut().zip(self.runs) {
                *block = &run[at];
            }
            level.turn(&first, &mut rows);
            for lane in (0..MESSAGES).step_by(L::Words::LANES) {
                let mut words = load(level, &rows, lane);
                let mut state = load(level, &self.states.md5, lane);
                md5::compress(level, &mut state, &words);
                store(state, &mut self.states.md5, lane);
                if SHA {
                    for word in &mut words {
                        *word = word.swapped();
                    }
                    let mut state = load(level, &self.states.sha1, lane);
                    sha::compress1(level, &mut state, &words);
                    store(state, &mut self.states.sha1, lane);
                    let mut state = load(level, &self.states.sha256, lane);
                    sha::compress256(level, &mut state, &words);
                    store(state, &mut self.states.sha256, lane);
                }
            }
        }
    }
}

#[inline(always)]
fn load<L: Level, const N: usize>(level: L, rows: &[Row; N], lane: usize) -> [L::Words; N] {
    let mut words = [level.splat(0); N];
    for (word, row) in words.iter_mut().zip(rows) {
        *word = level.load(row, lane);
    }
    words
}

#[inline(always)]
fn store<W: Words, const N: usize>(words: [W; N], rows: &mut [Row; N], lane: usize) {
    for (word, row) in words.into_iter().zip(rows) {
        word.store(row, lane);
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    const SEED: u64 = 0x6c61_6e65_7320_3136;

    /// Every way that this CPU can go, and those that it would not choose.
    fn ways() -> Vec<Way> {
        let mut ways = vec![];
        for lanes in Lanes::available() {
            for fewest in [1, Way::of(lanes).fewest] {
                ways.extend([false, true].map(|sha| Way { lanes, fewest, sha }));
            }
        }
        ways
    }

    fn all<R: Read>(way: Way, inputs: impl IntoIterator<Item = R>) -> Vec<Done<R>> {
        let mut waiting = inputs.into_iter();
        let mut under_way = SideBySide { way, ..SideBySide::new() };
        let mut done = Vec::new();
        loop {
            waiting.by_ref().take(MESSAGES - under_way.len()).for_each(|input| under_way.push(input));
            if under_way.is_empty() {
                return done;
            }
            done.extend(under_way.advance());
        }
    }

    /// Gives its bytes in pieces of a length of its own, and is interrupted now and then.
    struct Halting<'a> {
        bytes: &'a [u8],
        whole: &'a [u8],
        piece: usize,
        calls: usize,
    }

    impl<'a> Halting<'a> {
        fn new(bytes: &'a [u8], piece: usize) -> Self {
            Self { bytes, whole: bytes, piece, calls: 0 }
        }
    }

    impl Read for Halting<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            let most = into.len().min(self.piece);
            self.bytes.read(&mut into[..most])
        }
    }

    #[test]
    fn every_way_gives_what_one_by_one_gives() {
        println!("seed {SEED:#x}");
        let mut rng = StdRng::seed_from_u64(SEED);
        let mut bytes = vec![0; 3 * BUFFER + 100];
        rng.fill(&mut bytes[..]);
        let edges =
            [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, BUFFER - 1, BUFFER, BUFFER + 1, 3 * BUFFER];
        for way in ways() {
            for number in [1, 2, way.fewest.min(MESSAGES), MESSAGES, 40] {
                let inputs = (0..number).map(|at| {
                    let len = match (at, rng.random_range(0..4)) {
                        (0, _) => bytes.len(), // one that is much longer than the others
                        (_, 0) => edges[rng.random_range(0..edges.len())],
                        (_, 1) => rng.random_range(0..BUFFER),
                        _ => rng.random_range(0..2000),
                    };
                    let from = rng.random_range(0..=bytes.len() - len);
                    Halting::new(&bytes[from..from + len], rng.random_range(1..100_000))
                });
                let inputs: Vec<_> = inputs.collect();
                let done = all(way, inputs);
                assert_eq!(done.len(), number);
                for Done { input, hashed } in done {
                    let hashed = hashed.unwrap();
                    let expected =
                        Hashed { bytes: input.whole.len() as u64, digests: Digests::of(input.whole) };
                    assert_eq!(hashed, expected, "{way:?}, {} bytes of {number}", input.whole.len());
                }
            }
        }
    }

    /// Ends with an error after so many bytes.
    struct Failing(Option<u64>, io::Take<io::Repeat>);

    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            match (self.1.read(into), self.0) {
                (Ok(0), Some(_)) => Err(ErrorKind::PermissionDenied.into()),
                (read, _) => read,
            }
        }
    }

    #[test]
    fn what_cannot_be_read_costs_itself_alone() {
        for way in ways() {
            let lens = (0..50).map(|n| n * 9973 % 400_000);
            let inputs = lens.map(|len| Failing((len % 3 == 1).then_some(len), io::repeat(7).take(len)));
            let lens_of = |failed: bool| {
                (0..50).map(|n| n * 9973 % 400_000).filter(move |len| (len % 3 == 1) == failed)
            };
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            for Done { input, hashed } in all(way, inputs) {
                match (hashed, input.0) {
                    (Ok(hashed), None) => {
                        assert_eq!(hashed.digests, Digests::of(&vec![7; hashed.bytes as usize]), "{way:?}");
                        good.push(hashed.bytes);
                    }
                    (Err(error), Some(len)) => {
                        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
                        bad.push(len);
                    }
                    (hashed, fails) => panic!("{way:?}: {hashed:?}, {fails:?}"),
                }
            }
            for (mut found, failed) in [(good, false), (bad, true)] {
                found.sort_unstable();
                let mut expected: Vec<u64> = lens_of(failed).collect();
                expected.sort_unstable();
                assert_eq!(found, expected);
            }
        }
    }
}
