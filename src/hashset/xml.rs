//! XML that may be hostile, read once in flat memory.
//!
//! The outer levels of a list are walked child by child ([`Xml::child`]); one record is then read as a whole
//! ([`Xml::element`]). Names are those behind the prefix, in lower case. `quick-xml` knows the syntax; the bounds are
//! here, as it holds a tag or text of any length in memory. Entities cannot be declared: a list needs none.

use std::io::{self, BufRead, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::record::{Fault, Place, Step};
use super::report::Cause;

/// Elements in elements. Lists have seven at most.
const MAX_DEPTH: usize = 64;

/// Bytes of one tag, comment or text between tags.
const MAX_PIECE: usize = 64 * 1024;

/// Bytes that one record may take in memory; what it says beyond that makes it a bad record.
const MAX_RECORD: usize = 1 << 20;

/// What an element or an attribute costs beside its text, about.
const ELEMENT_COST: usize = 128;

/// An element of a record.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim_ascii())
    }

    /// The text outside its children, without spaces around it; `None` if there is nothing else.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim_ascii()).filter(|text| !text.is_empty())
    }
}

/// A walk through XML.
pub(super) struct Xml<'r> {
    reader: Reader<Meter<'r>>,
    buffer: Vec<u8>,
    depth: usize,
    /// The tag that the walk is in, if it stands right behind its beginning.
    open: Element,
}

/// What comes next.
enum Piece {
    Start(Element),
    End,
    Text(String),
    Nothing,
    Eof,
}

impl<'r> Xml<'r> {
    /// Begins in front of the root.
    pub(super) fn new(input: &'r mut dyn BufRead) -> Self {
        let mut reader = Reader::from_reader(Meter { input, left: MAX_PIECE });
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buffer: Vec::new(), depth: 0, open: Element::default() }
    }

    /// Where the walk stands.
    pub(super) fn place(&self) -> Place {
        Place::Byte(self.reader.buffer_position())
    }

    /// `expected`, as an error at this place.
    pub(super) fn broken<T>(&self, expected: &'static str) -> Step<T> {
        Err(Fault::Broken { at: self.reader.buffer_position(), expected })
    }

    /// Goes into the root, which must have one of these names.
    pub(super) fn root(&mut self, names: &[&str]) -> Step<()> {
        match self.child()? {
            Some(name) if names.contains(&name) => Ok(()),
            _ => self.broken("the root element of the format"),
        }
    }

    /// Goes into the next child of this element and says its name, or leaves this element and says `None`.
    pub(super) fn child(&mut self) -> Step<Option<&str>> {
        loop {
            match self.piece()? {
                Piece::Start(element) => {
                    self.open = element;
                    return Ok(Some(&self.open.name));
                }
                Piece::End => return Ok(None),
                Piece::Text(_) | Piece::Nothing => {}
                Piece::Eof => return self.broken("the end of an element"),
            }
        }
    }

    /// Passes over the rest of this element.
    pub(super) fn pass(&mut self) -> Step<()> {
        let inside = self.depth;
        while self.depth >= inside {
            if let Piece::Eof = self.piece()? {
                return self.broken("the end of an element");
            }
        }
        Ok(())
    }

    /// Reads the whole of the element that [`Xml::child`] has just gone into.
    ///
    /// [`Cause::Oversized`] stands for an element that says too much; it has been passed over.
    pub(super) fn element(&mut self) -> Step<Result<Element, Cause>> {
        let mut room = MAX_RECORD;
        let mut parents = vec![std::mem::take(&mut self.open)];
        loop {
            let cost = match self.piece()? {
                Piece::Start(element) => {
                    let texts = element.attributes.iter().map(|(name, value)| name.len() + value.len());
                    let cost = texts.map(|text| text + ELEMENT_COST).sum::<usize>() + element.name.len();
                    parents.push(element);
                    cost + ELEMENT_COST
                }
                Piece::End => {
                    let done = parents.pop().expect("one for each element that is open");
                    match parents.last_mut() {
                        Some(parent) => parent.children.push(done),
                        None => return Ok(Ok(done)),
                    }
                    0
                }
                Piece::Text(text) => {
                    parents.last_mut().expect("one for each element that is open").text.push_str(&text);
                    text.len()
                }
                Piece::Nothing => 0,
                Piece::Eof => return self.broken("the end of an element"),
            };
            match room.checked_sub(cost) {
                Some(rest) => room = rest,
                None => {
                    for _ in 0..parents.len() {
                        self.pass()?;
                    }
                    return Ok(Err(Cause::Oversized));
                }
            }
        }
    }

    /// Nothing but white space and comments may follow the root.
    pub(super) fn end(&mut self) -> Step<()> {
        loop {
            match self.piece()? {
                Piece::Eof => return Ok(()),
                Piece::Nothing => {}
                Piece::Text(text) if text.trim_ascii().is_empty() => {}
                _ => return self.broken("the end of the list"),
            }
        }
    }

    fn piece(&mut self) -> Step<Piece> {
        self.buffer.clear();
        self.reader.get_mut().left = MAX_PIECE;
        let start = self.reader.buffer_position();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(quick_xml::Error::Io(error)) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(Fault::Broken {
                    at: self.reader.buffer_position(),
                    expected: "no tag or text of more than 64 KiB",
                });
            }
            Err(quick_xml::Error::Io(error)) if error.kind() != io::ErrorKind::InvalidData => {
                return Err(Fault::Io(io::Error::from(error.kind())));
            }
            Err(error) => {
                let encoding = matches!(error, quick_xml::Error::Io(_) | quick_xml::Error::Encoding(_));
                let expected = match encoding {
                    true => "text in UTF-8, or in the encoding that it declares or --encoding names",
                    false => "well-formed XML",
                };
                // Of bytes that are no UTF-8, the reader does not say where they are.
                let at = self.reader.error_position().max(start);
                return Err(Fault::Broken { at, expected });
            }
        };
        let at = self.reader.buffer_position();
        let broken = |expected| Err(Fault::Broken { at, expected });
        Ok(match event {
            Event::Start(start) => {
                if self.depth == MAX_DEPTH {
                    return broken("no more than 64 elements in one another");
                }
                self.depth += 1;
                match begin(&start) {
                    Some(element) => Piece::Start(element),
                    None => return broken("attributes with values in quotes, without entities"),
                }
            }
            Event::End(_) => {
                self.depth -= 1;
                Piece::End
            }
            Event::Text(text) => Piece::Text(text.to_string()),
            Event::CData(text) => Piece::Text(text.to_string()),
            Event::GeneralRef(name) => match resolve(&name) {
                Some(c) => Piece::Text(c.into()),
                None => return broken("no entity but those of XML itself"),
            },
            Event::DocType(_) => return broken("no DOCTYPE"),
            Event::Eof => Piece::Eof,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => Piece::Nothing,
        })
    }
}

fn begin(start: &BytesStart<'_>) -> Option<Element> {
    let name = start.local_name().as_ref().to_ascii_lowercase();
    let mut attributes = Vec::new();
    // Repeats are not looked for: with many attributes that takes long, and the first one holds.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.ok()?;
        let value = quick_xml::escape::unescape(attribute.value.as_ref()).ok()?.into_owned();
        attributes.push((attribute.key.local_name().as_ref().to_ascii_lowercase(), value));
    }
    Some(Element { name, attributes, ..Element::default() })
}

fn resolve(name: &BytesRef<'_>) -> Option<char> {
    match name.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => name.resolve_char_ref().ok()?,
    }
}

/// An input that ends in an error where one piece is too long.
struct Meter<'r> {
    input: &'r mut dyn BufRead,
    left: usize,
}

impl Read for Meter<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = self.fill_buf()?;
        let len = rest.len().min(out.len());
        out[..len].copy_from_slice(&rest[..len]);
        self.consume(len);
        Ok(len)
    }
}

impl BufRead for Meter<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let rest = self.input.fill_buf()?;
        if self.left == 0 && !rest.is_empty() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(&rest[..rest.len().min(self.left)])
    }

    fn consume(&mut self, len: usize) {
        self.input.consume(len);
        self.left -= len;
    }
}
