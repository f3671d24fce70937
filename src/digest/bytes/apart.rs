//! One long input, each digest on a thread of its own.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, ScopedJoinHandle, scope};

use sha2::Digest;

use super::{Digests, Hashed};
use crate::digest::{Blake3, Md5, Sha1, Sha256};

/// Bytes of a piece: long enough that handing it over costs nothing beside hashing it.
const PIECE: u64 = 1 << 20;
/// Pieces that wait for each thread; so at most four are in memory, however long the input is.
const WAITING: usize = 2;

type Piece = Arc<Vec<u8>>;

/// Length and digests of all that `input` gives, on three threads beside this one: for a long input where other cores
/// have nothing to do. It takes a third more processor time than [`SideBySide`](super::SideBySide).
///
/// # Errors
/// What reading gives, or that no thread can be started.
pub fn hash_apart(input: &mut impl Read) -> io::Result<Hashed> {
    scope(|scope| {
        let (to_md5, pieces) = sync_channel(WAITING);
        let md5 = Builder::new().spawn_scoped(scope, || whole::<::md5::Md5>(pieces))?;
        let (to_sha256, pieces) = sync_channel(WAITING);
        let sha256 = Builder::new().spawn_scoped(scope, || whole::<sha2::Sha256>(pieces))?;
        let (to_sha1, pieces) = sync_channel(WAITING);
        let sha1 = Builder::new().spawn_scoped(scope, || {
            let (mut sha1, mut blake3) = (sha1::Sha1::new(), blake3::Hasher::new());
            pieces.into_iter().for_each(|piece: Piece| {
                sha1.update(&**piece);
                blake3.update(&piece);
            });
            (sha1.finalize(), blake3.finalize())
        })?;
        let bytes = hand_over(input, &[to_md5, to_sha256, to_sha1])?;
        let (sha1, blake3) = join(sha1)?;
        let digests = Digests {
            md5: Md5::from_bytes(join(md5)?.into()),
            sha1: Sha1::from_bytes(sha1.into()),
            sha256: Sha256::from_bytes(join(sha256)?.into()),
            blake3: Blake3::from_bytes(*blake3.as_bytes()),
        };
        Ok(Hashed { bytes, digests })
    })
}

/// Reads all, and gives every piece to every thread. They end when this does, and what they wait for with it.
fn hand_over(input: &mut impl Read, threads: &[SyncSender<Piece>]) -> io::Result<u64> {
    let mut bytes = 0;
    loop {
        let mut piece = Vec::with_capacity(PIECE as usize);
        bytes += input.take(PIECE).read_to_end(&mut piece)? as u64;
        if piece.is_empty() {
            return Ok(bytes);
        }
        let piece = Arc::new(piece);
        // A thread that does not listen any more panicked: joining it says so.
        threads.iter().for_each(|thread| drop(thread.send(Arc::clone(&piece))));
    }
}

fn whole<D: Digest>(pieces: Receiver<Piece>) -> sha2::digest::Output<D> {
    let mut hasher = D::new();
    pieces.into_iter().for_each(|piece| hasher.update(&**piece));
    hasher.finalize()
}

fn join<T>(thread: ScopedJoinHandle<'_, T>) -> io::Result<T> {
    thread.join().map_err(|_| io::Error::other("a digest failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apart_gives_what_together_gives() {
        let bytes: Vec<u8> = (0..3 * PIECE as usize + 77).map(|at| (at % 251) as u8).collect();
        for len in [0, 1, 64, PIECE as usize, PIECE as usize + 1, bytes.len()] {
            let hashed = hash_apart(&mut &bytes[..len]).unwrap();
            assert_eq!(hashed, Hashed { bytes: len as u64, digests: Digests::of(&bytes[..len]) }, "{len}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_ends() {
        struct Broken(u32);
        impl Read for Broken {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 > 5000 { Err(io::Error::other("broken")) } else { Ok(into.len().min(1000)) }
            }
        }
        assert_eq!(hash_apart(&mut Broken(0)).unwrap_err().to_string(), "broken");
    }
}
