use innerward::digest::{Sha256, Signal};
use innerward::hashset::{Entry, EntryKey, Hashes, Labels, Opinion};
use innerward::home::Home;
use innerward::index::{Index, IndexWriter, SegmentBuilder};
use std::time::Instant;
fn fill(seed: &str, n: usize) -> Vec<[u8; 32]> {
    let mut b = vec![0u8; n * 32];
    use rayon::prelude::*;
    b.par_chunks_mut(1 << 20).enumerate().for_each(|(i, c)| {
        blake3::Hasher::new().update(seed.as_bytes()).update(&i.to_le_bytes()).finalize_xof().fill(c)
    });
    b.as_chunks().0.to_vec()
}
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let dir = std::path::PathBuf::from(&a[1]);
    let n: usize = a[2].parse().unwrap();
    let home = if dir.exists() {
        Home::open(&dir).unwrap()
    } else {
        let home = Home::create(&dir, false).unwrap();
        let t = Instant::now();
        let mut b = SegmentBuilder::new();
        for (i, v) in fill("stored", n).into_iter().enumerate() {
            b.push(&Entry {
                key: EntryKey::new(i.to_string()).unwrap(),
                hashes: Hashes::from(Signal::Sha256(Sha256::from_bytes(v))),
                labels: Labels::default(),
                opinion: Opinion::default(),
            })
            .unwrap();
        }
        println!("pushed {:?}", t.elapsed());
        let lock = home.lock().unwrap();
        let s = b.write(&home.index_dir()).unwrap();
        IndexWriter::open(&home.index_dir(), &lock).unwrap().replace_set("B", 1, vec![s], vec![]).unwrap();
        println!("built {:?}", t.elapsed());
        home
    };
    let m = if a.len() > 3 { innerward::index::Memory::HugePages } else { innerward::index::Memory::Mapped };
    let t = Instant::now();
    let index = Index::open_in(m, &home.index_dir()).unwrap();
    println!("open {:?}", t.elapsed());
    for s in index.stat() {
        println!("{} B/entry", s.bytes_per_entry());
    }
    let q = 200_000;
    let mut qs = fill("fresh", q);
    let stored = fill("stored", n);
    for i in 0..q / 10 {
        qs[i * 10] = stored[i * (n / (q / 10))];
    }
    drop(stored);
    let qs: Vec<Signal> = qs.into_iter().map(|b| Signal::Sha256(Sha256::from_bytes(b))).collect();
    for chunk in [1000, 10000] {
        let mut best = f64::MAX;
        let mut all = vec![];
        for _ in 0..7 {
            let t = Instant::now();
            let h: usize = qs
                .chunks(chunk)
                .map(|c| index.exact_many(c).unwrap().iter().map(Vec::len).sum::<usize>())
                .sum();
            assert_eq!(h, q / 10);
            let e = t.elapsed().as_nanos() as f64 / q as f64;
            best = best.min(e);
            all.push(e);
        }
        all.sort_by(|a, b| a.total_cmp(b));
        println!("chunk {chunk}: min {best:.1} median {:.1} ns", all[3]);
    }
}
