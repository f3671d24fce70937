//! PDQ with the pixels in hand: `rgb/<lanes>/<size>` and `grey/…` in the reference's order of additions, `plane<scale>/…`
//! with all filters folded into one step, and `eight` against `one` orientation.
//!
//! Pictures are waves with noise, from one seed. Before anything is timed, every level of instructions must give what
//! the scalar one gives, and a folded plane what the reference gives.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use innerward::digest::PdqHash;
use innerward::kernel::lanes::Lanes;
use innerward::media::{Plane, Raster};

const SEED: &[u8] = b"innerward bench pdq 1";
const SIZES: [(u32, u32, &str); 3] = [(500, 375, "0.2MP"), (1200, 840, "1MP"), (4032, 3024, "12MP")];

/// One channel of a picture: seven waves of each direction across it, and noise of a sixteenth of the range.
fn channel(width: u32, height: u32, number: u32) -> Vec<u8> {
    let mut noise = vec![0; (width * height) as usize];
    blake3::Hasher::new().update(SEED).update(&[number as u8]).finalize_xof().fill(&mut noise);
    let wave = |at: u32, len: u32, phase: u32| {
        let turns = 7.3 * f64::from(at) / f64::from(len) + f64::from(phase * number) / 9.0;
        60.0 * (turns * std::f64::consts::TAU).sin()
    };
    let across: Vec<f64> = (0..width).map(|x| wave(x, width, 2)).collect();
    let down: Vec<f64> = (0..height).map(|y| wave(y, height, 5)).collect();
    let places = down.iter().flat_map(|down| across.iter().map(move |across| across + down));
    places.zip(noise).map(|(value, noise)| (120.0 + value + f64::from(noise / 16)) as u8).collect()
}

fn rgb(width: u32, height: u32) -> Raster {
    let channels = [0, 1, 2].map(|number| channel(width, height, number));
    let samples = (0..channels[0].len()).flat_map(|at| channels.iter().map(move |channel| channel[at]));
    Raster::rgb(width, height, samples.collect())
}

/// Each sample the mean of `scale` by `scale` pixels, of those that there are.
fn plane(grey: &Raster, scale: u32) -> Plane {
    let (width, height) = (grey.width(), grey.height());
    let mean = |left: u32, top: u32| {
        let pixels =
            (top..height.min(top + scale)).flat_map(|y| (left..width.min(left + scale)).map(move |x| (x, y)));
        let (sum, count) = pixels.fold((0, 0), |(sum, count), (x, y)| {
            (sum + u32::from(grey.samples()[(y * width + x) as usize]), count + 1)
        });
        ((sum + count / 2) / count) as u8
    };
    let tops = (0..height).step_by(scale as usize);
    let samples = tops.flat_map(|top| (0..width).step_by(scale as usize).map(move |left| mean(left, top)));
    Plane::new((width, height), scale, samples.collect())
}

fn reference(criterion: &mut Criterion) {
    for (width, height, size) in SIZES {
        let grey = Raster::grey(width, height, channel(width, height, 1));
        for (name, raster) in [("rgb", rgb(width, height)), ("grey", grey)] {
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements(u64::from(width * height))).sample_size(20);
            let expected = PdqHash::of_with(Lanes::SCALAR, &raster);
            for lanes in Lanes::available() {
                assert!(PdqHash::of_with(lanes, &raster) == expected, "{} agrees with scalar", lanes.name());
                group.bench_function(format!("{}/{size}", lanes.name()), |bencher| {
                    bencher.iter(|| PdqHash::of_with(lanes, black_box(&raster)));
                });
            }
        }
    }
}

fn folded(criterion: &mut Criterion) {
    for (width, height, size) in SIZES {
        let grey = Raster::grey(width, height, channel(width, height, 1));
        let reference = PdqHash::of(&grey);
        for scale in [1, 4, 8] {
            let plane = plane(&grey, scale);
            let expected = PdqHash::of_plane_with(Lanes::SCALAR, &plane);
            assert!(scale > 1 || expected == reference, "the same luma gives the same hash");
            let mut group = criterion.benchmark_group(format!("plane{scale}"));
            group.throughput(Throughput::Elements(u64::from(width * height))).sample_size(20);
            for lanes in Lanes::available() {
                assert!(
                    PdqHash::of_plane_with(lanes, &plane) == expected,
                    "{} agrees with scalar",
                    lanes.name()
                );
                group.bench_function(format!("{}/{size}", lanes.name()), |bencher| {
                    bencher.iter(|| PdqHash::of_plane_with(lanes, black_box(&plane)));
                });
            }
        }
    }
}

/// On a small plane, where the seven other orientations weigh the most.
fn orientations(criterion: &mut Criterion) {
    let (width, height, size) = SIZES[0];
    let plane = plane(&Raster::grey(width, height, channel(width, height, 1)), 1);
    let all = PdqHash::of_plane(&plane);
    let mut group = criterion.benchmark_group("orientations");
    for lanes in Lanes::available() {
        let one = PdqHash::upright_of_plane(lanes, &plane);
        assert!(one == (all.original(), all.quality), "{}: one is the first of eight", lanes.name());
        group.bench_function(format!("eight/{}/{size}", lanes.name()), |bencher| {
            bencher.iter(|| PdqHash::of_plane_with(lanes, black_box(&plane)));
        });
        group.bench_function(format!("one/{}/{size}", lanes.name()), |bencher| {
            bencher.iter(|| PdqHash::upright_of_plane(lanes, black_box(&plane)));
        });
    }
}

criterion_group!(benches, reference, folded, orientations);
criterion_main!(benches);
