//! What `explain` says to people.

use std::fmt::Write;

use super::{Given, cells};
use crate::cli::output::{Output, counted, grouped, on_one_line, wrapped};
use crate::digest::{Quality, SignalKind, Transform};
use crate::kernel::Distance;
use crate::media::{Form, Gap};
use crate::screen::{
    ClassicPair, Comparison, InVideo, Outcome, Pair, Reading, Side, Subject, Terms, VideoPair,
};

const COLUMNS: usize = 80;
/// Pairs of forms that are listed: an animation has thousands.
const LISTED: usize = 8;

/// How far apart the hashes of unrelated pictures are. Half of the bits of each are set, so that uniformly random ones differ
/// in 128, give or take 8. Hashes are not random, and that was measured: `docs/hashing.md` has the figures.
const UNRELATED: &str =
    "As they lie, the hashes of two unrelated photographs differ in 128 bits, give or take 8";
const UNRELATED_TURNED: &str = "the nearest of eight orientations in 117, give or take 5";
/// Fewer bits than 99 of 100 pairs of those differ in, in any orientation.
const SELDOM_UNRELATED: u16 = 100;

pub(super) fn print(
    a: &Given,
    b: &Given,
    found: &Comparison,
    terms: &Terms,
    out: &mut Output,
) -> anyhow::Result<()> {
    for (name, given) in [("A", a), ("B", b)] {
        for line in side(name, given) {
            out.text(line)?;
        }
    }
    out.text("")?;
    if let Some(line) = digests(found) {
        paragraph(&line, out)?;
    }
    print_pairs(found, out)?;
    // They stand by kind and distance: of each kind the nearest two are told.
    for of_kind in found.classics.chunk_by(|one, other| one.kind == other.kind) {
        paragraph(&classic(&of_kind[0]), out)?;
    }
    if let Some(video) = &found.video {
        paragraph(&video_in_words(video, terms), out)?;
    }
    print_bits(found, out)?;
    out.text("")?;
    out.text(format_args!("{}:", found.outcome.as_str()))?;
    for words in conclusion(found, a, b) {
        for line in wrapped(&words, COLUMNS - 2) {
            out.text(format_args!("  {line}"))?;
        }
    }
    Ok(())
}

fn paragraph(words: &str, out: &mut Output) -> anyhow::Result<()> {
    Ok(wrapped(words, COLUMNS).iter().try_for_each(|line| out.text(line))?)
}

/// What one of the two is.
fn side(name: &str, given: &Given) -> Vec<String> {
    let item = match &given.subject {
        Subject::Hash(signal) => return vec![format!("{name}: a hash, {}", signal.kind())],
        Subject::Digits(_) => {
            let unnamed =
                "a PDQ hash; 64 digits without a kind are read as one, write sha256: before a digest";
            return wrapped(&format!("{name}: {unnamed}"), COLUMNS);
        }
        Subject::Item(item) => item,
    };
    let print = &item.fingerprint;
    let path = given.path.as_ref().map(|path| on_one_line(path.display())).unwrap_or_default();
    let mut what = format!("{}, {} bytes", print.content.name, grouped(print.bytes));
    if let Some((width, height)) = print.size {
        _ = write!(what, ", {width} x {height} pixels");
    }
    let mut lines = vec![format!("{name}: {path}"), what];
    let quality = |quality: Quality| {
        let plain = if quality < Quality::USABLE { ", too plain" } else { "" };
        format!("quality {quality}{plain}")
    };
    let forms = print.forms.iter().take(LISTED);
    let forms: Vec<String> =
        forms.map(|form| format!("{} ({})", form.form, quality(form.hash.quality))).collect();
    if !forms.is_empty() {
        let more = print.forms.len().saturating_sub(LISTED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        lines.push(format!("forms: {}{more}", forms.join(", ")));
    }
    if !item.frames.is_empty() {
        let usable = item.frames.iter().filter(|timed| timed.frame.quality >= Quality::USABLE).count();
        let frames = counted(item.frames.len() as u64, "hashed frame", "hashed frames");
        lines.push(format!("video: {frames}, {} of them good enough to be compared", grouped(usable as u64)));
    }
    if let Some(gap) = item.gap() {
        lines.push(format!("not checked: {gap}"));
    }
    let mut lines = lines.into_iter();
    let first = lines.next();
    let rest = lines.flat_map(|line| wrapped(&line, COLUMNS - 3)).map(|line| format!("   {line}"));
    first.into_iter().chain(rest).collect()
}

fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

fn digests(found: &Comparison) -> Option<String> {
    let of = |wanted: bool| -> Vec<&str> {
        found.digests.iter().filter(|(_, equal)| *equal == wanted).map(|(kind, _)| kind.as_str()).collect()
    };
    let parts = [(of(true), "equal"), (of(false), "different")];
    let told = parts.iter().filter(|(kinds, _)| !kinds.is_empty());
    let told: Vec<String> = told.map(|(kinds, what)| format!("{what} by {}", listed(kinds))).collect();
    (!told.is_empty()).then(|| format!("Digests: {}", told.join(", ")))
}

/// How wide the columns of distances are.
const WIDTHS: [usize; 8] = [6, 6, 7, 7, 6, 6, 6, 6];
const HEADS: [&str; 8] = ["orig", "rot90", "rot180", "rot270", "flipx", "flipy", "fl+1", "fl-1"];

fn print_pairs(found: &Comparison, out: &mut Output) -> anyhow::Result<()> {
    let Some((nearest, least, _)) = found.nearest() else { return Ok(()) };
    let max = found.max_distance;
    let turned = match found.turned {
        None => ", as they lie",
        Some(Side::A) => ", A turned and B as it lies",
        Some(Side::B) => ", B turned and A as it lies",
    };
    out.text(format_args!("PDQ, bits of 256 that differ{turned}; {max} are allowed:"))?;
    let columns = found.pairs.iter().map(|pair| pair.distances.len()).max().unwrap_or(1);
    out.text(row("A", "B", HEADS.iter().take(columns).map(|head| (*head).to_owned())))?;
    let mut pairs: Vec<&Pair> = found.pairs.iter().collect();
    if pairs.len() > LISTED {
        pairs.sort_by_key(|pair| (!std::ptr::eq(*pair, nearest), pair.least()));
    }
    for pair in pairs.iter().take(LISTED) {
        let mut mark = Some('*').filter(|_| std::ptr::eq(*pair, nearest));
        let distances = pair.distances.iter().map(|distance| {
            let mark = if *distance == least { mark.take() } else { None };
            format!("{}{distance}", mark.map(String::from).unwrap_or_default())
        });
        out.text(row(&reading(pair.a.0), &reading(pair.b.0), distances))?;
    }
    if pairs.len() > LISTED {
        out.text(format_args!("  and {} more, farther apart", grouped((pairs.len() - LISTED) as u64)))?;
    }
    Ok(())
}

fn row(a: &str, b: &str, cells: impl Iterator<Item = String>) -> String {
    let cells = cells.zip(WIDTHS).fold(String::new(), |mut row, (cell, width)| {
        _ = write!(row, "{cell:>width$}");
        row
    });
    format!(" {a:<14}{b:<14}{cells}")
}

/// What has a hash, in at most 13 characters.
fn reading(reading: Reading) -> String {
    match reading {
        Reading::Form(form) => form.to_string(),
        Reading::Frame { number, .. } => format!("video {number}"),
        Reading::Bare => "the hash".into(),
    }
}

fn classic(pair: &ClassicPair) -> String {
    let of = |form: Option<Form>| form.map_or_else(|| "the hash".to_owned(), |form| form.to_string());
    let ClassicPair { kind, distance, max_distance, .. } = pair;
    let near = if distance <= max_distance { "near" } else { "not near" };
    let width = kind.width_bits();
    let of = format!("{} and {}", of(pair.a), of(pair.b));
    format!("{kind}: {distance} of {width} bits differ, {max_distance} allowed: {near} ({of})")
}

fn video_in_words(video: &VideoPair, terms: &Terms) -> String {
    let VideoPair { found, nearest, is_alike } = video;
    let (query, index) = (terms.videos.query(), terms.videos.index());
    let needed = format!("{query} % and {index} % are needed, so they are");
    let told = match nearest {
        Some(distance) => {
            let alike =
                InVideo::Frames(*found).in_words().replace("the video", "A").replace("the listed one", "B");
            format!("{alike} in A; the nearest two frames differ in {distance} bits")
        }
        None => "no frame of A is near one of B".into(),
    };
    let alike = if *is_alike { "alike" } else { "not alike" };
    format!("Videos (vPDQ): {told}. {needed} {alike}.")
}

/// The bits of the nearest two hashes.
fn print_bits(found: &Comparison, out: &mut Output) -> anyhow::Result<()> {
    let Some((pair, distance, transform)) = found.nearest() else { return Ok(()) };
    let (a, b) = pair.hashes(transform);
    let lies = transform == Transform::Original;
    let head = |name: &str, side: Side| match lies || found.turned != Some(side) {
        true => name.to_owned(),
        false => format!("{name}, {transform}", transform = transform.as_str()),
    };
    let (a_head, b_head) = (head("A", Side::A), head("B", Side::B));
    out.text("")?;
    out.text(format_args!("{a_head:<19}{b_head:<19}different: {distance}"))?;
    if out.is_terminal() && draws_blocks() {
        let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        for line in cells::in_blocks(&a, &b, colour) {
            out.raw(&format!("{line}\n"))?;
        }
        return Ok(());
    }
    cells::in_characters(&a, &b).iter().try_for_each(|line| out.text(line))?;
    Ok(())
}

/// True for a terminal that is said to show more than plain characters.
fn draws_blocks() -> bool {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = variable("LC_ALL").or_else(|| variable("LC_CTYPE")).or_else(|| variable("LANG"));
    let is_utf8 = locale.is_some_and(|locale| locale.to_ascii_lowercase().replace('-', "").contains("utf8"));
    is_utf8 && variable("TERM").is_some_and(|terminal| terminal != "dumb")
}

/// How a picture was turned, in words.
fn turned(transform: Transform) -> &'static str {
    match transform {
        Transform::Original => "as it lies",
        Transform::Rotate90 => "turned a quarter counter-clockwise",
        Transform::Rotate180 => "turned by half",
        Transform::Rotate270 => "turned a quarter clockwise",
        Transform::FlipX => "mirrored, top and bottom exchanged",
        Transform::FlipY => "mirrored, left and right exchanged",
        Transform::FlipPlus1 => "mirrored in the diagonal from the upper left",
        Transform::FlipMinus1 => "mirrored in the diagonal from the lower left",
    }
}

/// Why they match, or do not.
fn conclusion(found: &Comparison, a: &Given, b: &Given) -> Vec<String> {
    let mut words = Vec::new();
    let equal: Vec<SignalKind> =
        found.digests.iter().filter(|(_, equal)| *equal).map(|(kind, _)| *kind).collect();
    match &equal[..] {
        [] => {}
        [SignalKind::Md5] => words.push(
            "The MD5 is equal, and nothing else is known. An MD5 can be forged: a person should look before anything \
             rests on it."
                .into(),
        ),
        _ => words.push("A digest is equal: these are the same bytes.".into()),
    }
    let are_files = [a, b].iter().all(|given| matches!(given.subject, Subject::Item(_)));
    if equal.is_empty() && !found.digests.is_empty() {
        let what = if are_files {
            "These are not the same bytes."
        } else {
            "It is not the digest of the same bytes."
        };
        words.push(what.into());
    }
    // What bits say of equal bytes is nothing new.
    if found.outcome != Outcome::Known {
        words.extend(by_pdq(found));
        let near: Vec<&str> = found
            .classics
            .iter()
            .filter(|pair| pair.distance <= pair.max_distance)
            .map(|pair| pair.kind.as_str())
            .collect();
        if !near.is_empty() {
            words.push(format!("Near by {}: a person decides.", listed(&near)));
        }
        if found.video.as_ref().is_some_and(|video| video.is_alike) {
            words.push(
                "Enough frames are alike: the one is, or holds, a piece of the other; a person decides."
                    .into(),
            );
        }
        let has_looks = !found.pairs.is_empty() || !found.classics.is_empty() || found.video.is_some();
        if are_files && !has_looks && found.outcome == Outcome::Unknown {
            words
                .push("They have no picture hash in common, so only identical copies would be found.".into());
        }
    }
    match (&found.reason, found.outcome) {
        // That something is too plain has been said.
        (Some(_), Outcome::Unchecked) if !found.pairs.is_empty() && are_only_plain(a, b) => {}
        (Some(reason), Outcome::Unchecked | Outcome::Near) => words.push(format!("Not checked: {reason}.")),
        _ => {}
    }
    words
}

/// True if nothing else keeps the two from being compared.
fn are_only_plain(a: &Given, b: &Given) -> bool {
    [a, b].iter().all(|given| match &given.subject {
        Subject::Item(item) => item.gap().is_none_or(|gap| matches!(gap, Gap::LowQuality(_))),
        _ => true,
    })
}

/// What the nearest two PDQ hashes say.
fn by_pdq(found: &Comparison) -> Vec<String> {
    let Some((pair, distance, transform)) = found.nearest() else { return Vec::new() };
    let max = found.max_distance;
    if !pair.counts(distance) {
        return too_plain(pair, distance);
    }
    let side = if found.turned == Some(Side::B) { "B" } else { "A" };
    let is_turned = transform != Transform::Original;
    let how = if is_turned { format!(" with {side} {}", turned(transform)) } else { String::new() };
    let bits = counted(distance.bits().into(), "bit", "bits");
    let differ = if distance.bits() == 1 { "differs" } else { "differ" };
    let all = pair.distances.len() > 1;
    let mut words = Vec::new();
    if distance == Distance::ZERO {
        words.push(format!(
            "The PDQ hashes are equal{how}: probably the same picture, scaled, recompressed or hardly changed; a \
             person decides."
        ));
    } else if distance <= max {
        words.push(format!(
            "{bits} of 256 {differ}{how}; {max} is the bound, so they are near: probably the same picture, scaled, \
             recompressed or changed a little; a person decides."
        ));
    } else if distance.bits() < SELDOM_UNRELATED {
        words.push(format!(
            "{bits} of 256 {differ}{how}; {max} is the bound, so they are not near. Unrelated pictures are seldom as \
             close as that: it may be a cropped, captioned or framed copy, or two pictures that are built alike. Only \
             a look can tell."
        ));
    } else {
        let nearest = if all { " in the nearest orientation" } else { "" };
        words.push(format!(
            "{bits} of 256 {differ}{nearest}; {max} is the bound, so they are not near. That is about what two \
             unrelated pictures have."
        ));
    }
    if distance <= max && distance.bits() >= SELDOM_UNRELATED {
        words.push("The bound is so wide that unrelated pictures are within it.".into());
    }
    for (name, (reading, _)) in [("A", pair.a), ("B", pair.b)] {
        words.extend(meaning(name, reading));
    }
    let turned = if all { format!(", {UNRELATED_TURNED}") } else { String::new() };
    words.push(format!(
        "{UNRELATED}{turned}. Drawings, text and nearly plain pictures are closer to each other, so a distance is no \
         probability."
    ));
    words
}

/// What a reading is that is not simply what a person sees.
fn meaning(name: &str, reading: Reading) -> Option<String> {
    let what = match reading {
        Reading::Bare | Reading::Form(Form::Correct) => return None,
        Reading::Form(Form::CorrectBlack) => "with its transparent parts over black".into(),
        Reading::Form(Form::Compat) => "as other tools read the file (docs/hashing.md)".into(),
        Reading::Form(Form::Stretch512) => "stretched as Meta's C++ tool does".into(),
        Reading::Form(Form::Borderless) => "without its plain borders".into(),
        Reading::Form(Form::Frame(number)) => format!("by its frame or page {number}"),
        Reading::Frame { number, millis } => {
            format!("by its frame {number}, at {} s", f64::from(millis) / 1000.0)
        }
    };
    Some(format!("{name} is compared {what}."))
}

fn too_plain(pair: &Pair, distance: Distance) -> Vec<String> {
    let mut words = Vec::new();
    for (name, (_, quality)) in [("A", pair.a), ("B", pair.b)] {
        if let Some(quality) = quality.filter(|quality| *quality < Quality::USABLE) {
            words.push(format!(
                "Quality {quality} of {name} is below {}: too plain to be compared by its looks, since nearly plain \
                 pictures are near each other by chance.",
                Quality::USABLE
            ));
        }
    }
    if distance == Distance::ZERO {
        words.push("That the hashes are equal says little for the same reason.".into());
    }
    words
}
