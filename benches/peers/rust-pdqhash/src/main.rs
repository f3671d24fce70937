//! One pass of the crate `pdqhash` over the files named, timed without the start of the process. Prints the
//! processor seconds of the pass, then a hash a line.

use cpu_time::ProcessTime;

fn hash(bytes: &[u8]) -> String {
    let picture = image::load_from_memory(bytes).expect("a picture");
    let (hash, _quality) = pdqhash::generate_pdq(&picture).expect("a side of five pixels");
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() {
    let files: Vec<_> = std::env::args().skip(1).map(|path| std::fs::read(path).expect("a file")).collect();
    hash(&files[0]); // warm: code and memory
    let start = ProcessTime::now();
    let hashes: Vec<_> = files.iter().map(|bytes| hash(bytes)).collect();
    println!("{:.6}", start.elapsed().as_secs_f64());
    hashes.iter().for_each(|hash| println!("{hash}"));
}
