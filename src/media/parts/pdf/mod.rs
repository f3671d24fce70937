//! PDF (ISO 32000-1): its pictures and the files attached to it.
//!
//! The file is read from front to end, object by object, and its table of places is not asked: so a broken table costs
//! nothing, and pictures that no page shows any more are handed out as well. Object streams are unpacked within a bound.
//! A mask is a picture of its own. Not opened: pictures within the text of a page (inline).

mod filter;
mod image;
mod object;

use std::collections::{HashMap, HashSet};
use std::io::Read;

use self::filter::Filter;
pub(in crate::media) use self::image::{COLOURS, JBIG2, METHOD};
use self::object::{Dict, Fault, Lexer, Object};
use super::out::{Out, Stop};
use super::source::Source;
use super::{Gap, PartName};
use crate::media::gap::Bound;

pub(super) fn open(
    source: &mut Source<'_>,
    kind: &'static str,
    out: &mut Out<'_>,
) -> Result<Option<Gap>, Stop> {
    let mut file = File::new(source, kind, out.bounds().memory_bytes);
    file.find_objects();
    file.find_trailers();
    if file.encrypted {
        return Ok(Some(Gap::Encrypted));
    }
    file.unpack_objects();
    file.find_unmarked();
    let streams = std::mem::take(&mut file.streams);
    for stream in &streams {
        let Some((Object::Dict(dict), _)) = file.object_at(stream.place) else { continue };
        match stream.what {
            What::Image => image::hand_out(&mut file, stream, &dict, out)?,
            What::Embedded => file.hand_out_embedded(stream, &dict, out)?,
            What::Objects => {}
        }
    }
    Ok(if file.places.is_empty() {
        Some(Gap::Damaged(kind))
    } else if file.over {
        Some(Gap::Bound(Bound::Memory, out.bounds().memory_bytes))
    } else {
        file.is_cut().then_some(Gap::Truncated(kind))
    })
}

/// Where the objects are.
struct File<'a, 'b> {
    source: &'a mut Source<'b>,
    kind: &'static str,
    /// The last place of each object, behind its header. An older one is of an earlier revision.
    places: HashMap<u32, u64>,
    streams: Vec<Stream>,
    object_streams: Vec<Stream>,
    /// Objects within object streams: which of the unpacked, and where in it.
    within: HashMap<u32, (usize, usize)>,
    unpacked: Vec<Vec<u8>>,
    /// The names of attached files, by the objects that are their bytes.
    names: HashMap<u32, PartName>,
    encrypted: bool,
    /// Bytes that object streams may still unpack to, and that tables may still hold.
    memory: u64,
    /// Bytes that may still be read for objects longer than most.
    patience: u64,
    over: bool,
}

/// A stream that is to be handed out, or that holds objects.
struct Stream {
    number: u32,
    place: u64,
    data: u64,
    len: u64,
    /// Its end was not found.
    cut: bool,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Image,
    Embedded,
    Objects,
}

/// How filters are written: one or several, each with its parameters.
type Filters = Vec<(Filter, Dict)>;

impl<'a, 'b> File<'a, 'b> {
    /// References to references that are followed.
    const MOST_STEPS: usize = 8;
    /// Filters behind each other.
    const MOST_FILTERS: usize = 8;
    /// Most bytes of an object that is no stream.
    const OBJECT_BYTES: u64 = 256 << 10;
    /// What an object takes in the tables, about.
    const ENTRY_BYTES: u64 = 96;

    fn new(source: &'a mut Source<'b>, kind: &'static str, memory: u64) -> Self {
        let patience = source.len().saturating_mul(4).saturating_add(64 << 20);
        Self {
            source,
            kind,
            places: HashMap::new(),
            streams: Vec::new(),
            object_streams: Vec::new(),
            within: HashMap::new(),
            unpacked: Vec::new(),
            names: HashMap::new(),
            encrypted: false,
            memory,
            patience,
            over: false,
        }
    }

    /// Reads all objects, stream after stream.
    fn find_objects(&mut self) {
        let mut at = 0;
        while let Ok(Some(found)) =
            self.source.find(at, b"obj", |word: &[u8; 4]| !word[3].is_ascii_alphanumeric())
        {
            let place = found + 3;
            at = place;
            let Some(number) = self.number_before(found) else { continue };
            let Some((object, end)) = self.object_at(place) else { continue };
            if !self.charge(Self::ENTRY_BYTES) {
                return;
            }
            self.places.insert(number, place);
            let Object::Dict(dict) = object else { continue };
            self.find_names(&dict);
            if let Some(data) = self.data_behind(end) {
                let stream = self.stream(number, place, data, &dict);
                at = data + stream.len;
                self.encrypted |= dict.name("Type") == Some(b"XRef") && dict.get("Encrypt").is_some();
                if dict.name("Subtype") == Some(b"Image") {
                    self.streams.push(stream);
                } else if dict.name("Type") == Some(b"EmbeddedFile") {
                    self.streams.push(Stream { what: What::Embedded, ..stream });
                } else if dict.name("Type") == Some(b"ObjStm") {
                    self.object_streams.push(Stream { what: What::Objects, ..stream });
                }
            } else {
                at = end;
            }
        }
    }

    /// Takes so much of the memory for tables; false if there is no more.
    fn charge(&mut self, bytes: u64) -> bool {
        let left = self.memory.checked_sub(bytes);
        self.memory = left.unwrap_or(0);
        self.over |= left.is_none();
        left.is_some()
    }

    /// The object at a place in an object stream.
    fn unpacked_at(&mut self, (stream, at): (usize, usize)) -> Option<Object> {
        let rest = &self.unpacked[stream][at..];
        let mut lexer = Lexer::new(&rest[..rest.len().min(Self::OBJECT_BYTES as usize)], 0);
        let object = lexer.object().ok();
        self.patience = self.patience.checked_sub(lexer.at as u64)?;
        object
    }

    /// Attached files that do not say that they are.
    fn find_unmarked(&mut self) {
        let marked: HashSet<u32> = self.streams.iter().map(|stream| stream.number).collect();
        let mut numbers: Vec<u32> =
            self.names.keys().filter(|number| !marked.contains(number)).copied().collect();
        numbers.sort_unstable();
        for number in numbers {
            let Some(place) = self.places.get(&number).copied() else { continue };
            let Some((Object::Dict(dict), end)) = self.object_at(place) else { continue };
            let Some(data) = self.data_behind(end) else { continue };
            let stream = self.stream(number, place, data, &dict);
            self.streams.push(Stream { what: What::Embedded, ..stream });
        }
    }

    /// What older files say of encryption stands behind their tables.
    fn find_trailers(&mut self) {
        let mut at = 0;
        while let Ok(Some(found)) = self.source.find(at, b"trailer", |word: &[u8; 7]| word == b"trailer") {
            at = found + 7;
            if let Some((Object::Dict(dict), _)) = self.object_at(at) {
                self.encrypted |= dict.get("Encrypt").is_some_and(|encrypt| *encrypt != Object::Null);
            }
        }
    }

    /// The number in front of a generation and `obj`.
    fn number_before(&mut self, found: u64) -> Option<u32> {
        const BYTES: usize = 24;
        let from = found.saturating_sub(BYTES as u64);
        let (bytes, had) = self.source.peek::<BYTES>(from).ok()?;
        let before = bytes[..had.min((found - from) as usize)].trim_ascii_end();
        let (before, generation) = digits_at_end(before);
        let (_, number) = digits_at_end(before.trim_ascii_end());
        let spaced = before.last().is_some_and(u8::is_ascii_whitespace);
        if generation.is_empty() || !spaced { None } else { str::from_utf8(number).ok()?.parse().ok() }
    }

    /// The object that begins at a place, and where it ends. Long ones are read as long as there is patience: a file can
    /// be made of nothing but their beginnings.
    fn object_at(&mut self, place: u64) -> Option<(Object, u64)> {
        for size in [1 << 10, 16 << 10, Self::OBJECT_BYTES] {
            if size > 1 << 10 {
                self.patience = self.patience.checked_sub(size)?;
            }
            self.source.go(place).ok()?;
            let mut bytes = Vec::new();
            self.source.take(size).read_to_end(&mut bytes).ok()?;
            let mut lexer = Lexer::new(&bytes, 0);
            match lexer.object() {
                Ok(object) if lexer.at <= bytes.len() => return Some((object, place + lexer.at as u64)),
                Ok(_) => return None,
                Err(Fault::Cut) if bytes.len() as u64 == size => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Where the data of a stream begin, if one is behind a dictionary.
    fn data_behind(&mut self, end: u64) -> Option<u64> {
        let (bytes, had) = self.source.peek::<256>(end).ok()?;
        let mut lexer = Lexer::new(&bytes[..had], 0);
        lexer.skip_space();
        if !lexer.starts_with(b"stream") {
            return None;
        }
        let line_end = match bytes.get(lexer.at + 6..)? {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        Some(end + (lexer.at + 6 + line_end) as u64)
    }

    /// A stream by the length it says, if its end is there, or else by the end itself.
    fn stream(&mut self, number: u32, place: u64, data: u64, dict: &Dict) -> Stream {
        let told = match dict.get("Length") {
            Some(Object::Reference(number)) => {
                let place = self.places.get(number).copied();
                place.and_then(|place| self.object_at(place)).and_then(|(length, _)| length.as_count())
            }
            length => length.and_then(Object::as_count),
        };
        let told = told.filter(|len| {
            let ended = self.source.peek::<24>(data.saturating_add(*len));
            ended.is_ok_and(|(bytes, had)| bytes[..had].trim_ascii_start().starts_with(b"endstream"))
        });
        let (len, cut) = match told {
            Some(len) => (len, false),
            None => match self.source.find(data, b"endstream", |word: &[u8; 9]| word == b"endstream") {
                Ok(Some(end)) => (end - data, false),
                _ => (self.source.len().saturating_sub(data), true),
            },
        };
        Stream { number, place, data, len, cut, what: What::Image }
    }

    /// The names in a file specification.
    fn find_names(&mut self, dict: &Dict) {
        let Some(Object::Dict(files)) = dict.get("EF") else { return };
        let Some(Object::Text(name)) = dict.either("UF", "F").or_else(|| dict.get("F")) else { return };
        let name = match name.strip_prefix(b"\xfe\xff") {
            Some(wide) => {
                let swapped: Vec<u8> =
                    wide.as_chunks::<2>().0.iter().flat_map(|pair| [pair[1], pair[0]]).collect();
                PartName::of_utf16(&swapped)
            }
            None => PartName::of_bytes(name),
        };
        if !self.charge(Self::ENTRY_BYTES + name.as_str().map_or(0, str::len) as u64) {
            return;
        }
        for key in ["F", "UF"] {
            if let Some(Object::Reference(number)) = files.get(key) {
                self.names.insert(*number, name.clone());
            }
        }
    }

    /// Follows references; what leads nowhere is null.
    fn resolve(&mut self, object: &Object) -> Object {
        let mut object = object.clone();
        for _ in 0..Self::MOST_STEPS {
            let Object::Reference(number) = object else { return object };
            object = match (self.places.get(&number).copied(), self.within.get(&number)) {
                (Some(place), _) => self.object_at(place).map(|(object, _)| object),
                (None, Some(place)) => self.unpacked_at(*place),
                (None, None) => None,
            }
            .unwrap_or(Object::Null);
        }
        Object::Null
    }

    fn resolved(&mut self, dict: &Dict, key: &str, short: &str) -> Object {
        dict.either(key, short).map_or(Object::Null, |object| self.resolve(object))
    }

    /// Unpacks all object streams, as far as the memory goes.
    fn unpack_objects(&mut self) {
        for stream in std::mem::take(&mut self.object_streams) {
            let Some((Object::Dict(dict), _)) = self.object_at(stream.place) else { continue };
            let most = self.memory / 4;
            let Some(bytes) = self.bytes_of(&stream, &dict, most) else { continue };
            self.memory -= bytes.len() as u64;
            if bytes.len() as u64 >= most {
                self.over = true;
                return;
            }
            let count = |key| dict.get(key).and_then(Object::as_count).unwrap_or(0);
            let (objects, first) = (count("N").min(bytes.len() as u64), count("First"));
            let mut lexer = Lexer::new(&bytes, 0);
            for _ in 0..objects {
                let (Ok(number), Ok(at)) = (lexer.object(), lexer.object()) else { break };
                let (Some(number), Some(at)) = (number.as_count(), at.as_count()) else { break };
                let place = (self.unpacked.len(), (first + at).min(bytes.len() as u64) as usize);
                if !self.charge(Self::ENTRY_BYTES) {
                    return;
                }
                if let Ok(number) = u32::try_from(number) {
                    self.within.insert(number, place);
                }
            }
            self.unpacked.push(bytes);
        }
        let mut places: Vec<_> = self.within.values().copied().collect();
        places.sort_unstable();
        for place in places {
            if let Some(Object::Dict(dict)) = self.unpacked_at(place) {
                self.find_names(&dict);
            }
        }
    }

    /// The bytes of a stream without its filters, the first `most` of them; `None` if a filter gives no bytes.
    fn bytes_of(&mut self, stream: &Stream, dict: &Dict, most: u64) -> Option<Vec<u8>> {
        let filters = self.filters(dict)?;
        let mut bytes = Vec::new();
        // What is damaged serves for what came before.
        let _ = self.reader(stream, &filters)?.take(most).read_to_end(&mut bytes);
        Some(bytes)
    }

    /// The bytes of another object that is a stream.
    fn bytes_by_reference(&mut self, object: &Object, most: u64) -> Option<(Dict, Vec<u8>)> {
        let Object::Reference(number) = object else { return None };
        let place = self.places.get(number).copied()?;
        let Some((Object::Dict(dict), end)) = self.object_at(place) else { return None };
        let data = self.data_behind(end)?;
        let stream = self.stream(*number, place, data, &dict);
        let bytes = self.bytes_of(&stream, &dict, most)?;
        Some((dict, bytes))
    }

    /// The filters of a stream, the outermost first; `None` if there are too many.
    fn filters(&mut self, dict: &Dict) -> Option<Filters> {
        let listed = |object| match object {
            Object::Null => Vec::new(),
            Object::Array(items) => items,
            one => vec![one],
        };
        let names = listed(self.resolved(dict, "Filter", "F"));
        let parameters = listed(self.resolved(dict, "DecodeParms", "DP"));
        if names.len() > Self::MOST_FILTERS {
            return None;
        }
        let mut filters = Vec::new();
        for (n, name) in names.iter().enumerate() {
            let name = self.resolve(name);
            let filter = name.as_name().map_or(Filter::Unknown, Filter::named);
            let parameters = match parameters.get(n).map(|object| self.resolve(object)) {
                Some(Object::Dict(dict)) => dict,
                _ => Dict::default(),
            };
            filters.push((filter, parameters));
        }
        Some(filters)
    }

    /// A stream behind filters all of which give bytes.
    fn reader<'s>(&'s mut self, stream: &Stream, filters: &[(Filter, Dict)]) -> Option<Box<dyn Read + 's>> {
        self.source.go(stream.data).ok()?;
        let mut reader: Box<dyn Read + 's> = Box::new((&mut *self.source).take(stream.len));
        for (filter, parameters) in filters {
            reader = filter.read(reader, parameters)?;
        }
        Some(reader)
    }

    fn hand_out_embedded(&mut self, stream: &Stream, dict: &Dict, out: &mut Out<'_>) -> Result<(), Stop> {
        let name = self.names.get(&stream.number).cloned();
        let name = name.unwrap_or_else(|| PartName::new(&stream.number.to_string()));
        let filters = self.filters(dict).unwrap_or_else(|| vec![(Filter::Unknown, Dict::default())]);
        // A file may be stored as a picture's data are.
        let whole = filters.iter().take_while(|(filter, _)| *filter != Filter::Jpeg).count();
        let kind = self.kind;
        let Some(mut reader) = self.reader(stream, &filters[..whole]) else {
            return out.unopened(&name, Gap::NoDecoder(METHOD));
        };
        out.begin(&name)?;
        let gap = out.pour(&mut reader, kind)?;
        out.end(gap.or(stream.cut.then_some(Gap::Truncated(kind))))
    }

    /// True if the mark at the end of the file is not there.
    fn is_cut(&mut self) -> bool {
        const TAIL_BYTES: u64 = 2_048;
        let from = self.source.len().saturating_sub(TAIL_BYTES);
        let mark = |word: &[u8; 5]| word == b"%%EOF";
        !matches!(self.source.find(from, b"%%EOF", mark), Ok(Some(_)))
    }
}

fn digits_at_end(bytes: &[u8]) -> (&[u8], &[u8]) {
    let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.split_at(bytes.len() - digits)
}
