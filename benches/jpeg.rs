//! A JPEG file's luma: `luma/<scale>/<picture>`, in bytes of the file.
//!
//! `12MP` is a synthetic picture, 4,000 × 3,000 in quality 85: soft shapes and grain from BLAKE3's extended output of one
//! seed, in about as many bytes as a photograph takes. `coffee` and `coffee-progressive` are photographs of 0.24
//! megapixels. All samples are compared with those of the slow twin first.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use innerward::media::{Limits, Scale, luma};

#[path = "shared/photograph.rs"]
mod photograph;
#[path = "../src/media/jpeg_skip/twin.rs"]
mod twin;

const SEED: &[u8] = b"innerward bench jpeg 1";
const WIDTH: u32 = 4000;
const HEIGHT: u32 = 3000;

fn read(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/pictures").join(name);
    std::fs::read(path).expect("a photograph of the test data")
}

fn jpeg(criterion: &mut Criterion) {
    let limits = Limits::default();
    let pictures = [
        ("12MP", photograph::photograph(SEED, WIDTH, HEIGHT)),
        ("coffee", read("originals/coffee.jpg")),
        ("coffee-progressive", read("edits/coffee-progressive.jpg")),
    ];
    let mut group = criterion.benchmark_group("luma");
    group.sample_size(20);
    for (name, bytes) in &pictures {
        let twin = twin::luma(bytes).expect("a whole file");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        for (scale, scale_name) in
            [(Scale::Eighth, "eighth"), (Scale::Quarter, "quarter"), (Scale::Full, "full")]
        {
            let Some(found) = luma(bytes, scale, &limits) else {
                assert!(twin.progressive && scale == Scale::Quarter);
                continue;
            };
            let samples = found.plane.samples();
            let (exact, side) = match scale {
                Scale::Eighth => (twin.eighth().into_iter().map(f64::from).collect(), 1),
                Scale::Quarter => (twin.quarter(), 2),
                Scale::Full => (twin.full(), 8),
            };
            assert_eq!(samples.len(), exact.len());
            let width = twin.width.div_ceil(8 / side);
            for (at, (sample, exact)) in samples.iter().zip(exact).enumerate() {
                let seen = twin.seen(exact.clamp(0.0, 255.0), (at % width, at / width), side);
                // Layers are for the ordinary decoder in full, of which the twin has the first coefficients alone.
                let layers = twin.progressive && scale == Scale::Full;
                assert!(layers || (f64::from(*sample) - seen).abs() < 1.1, "{name} {scale_name}");
            }
            drop(found);
            group.bench_function(format!("{scale_name}/{name}"), |bencher| {
                bencher.iter(|| luma(black_box(bytes), scale, &limits));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, jpeg);
criterion_main!(benches);
