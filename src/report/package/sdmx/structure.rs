//! `structure.xml`: code lists, concepts, data structures and dataflows as SDMX-ML 3.0.

use std::collections::{BTreeMap, BTreeSet};

use super::{AGENCY, BEFORE, FREQUENCIES, SAID, Shape, concept, flow, name};
use crate::language::Locale;
use crate::report::model::{self, CodeList, Column, Kind, code_list, columns};
use crate::report::package::about::{About, REST};

/// The version of the structures: that of the model.
pub(super) const VERSION: &str = model::VERSION;

/// The column whose texts have codes of their own, so that the key of a series holds no free text.
const PUBLISHER: &str = "publisher";

/// What stands for one component of a data structure.
struct Component {
    id: String,
    definition: String,
    kind: Kind,
    /// The code list; empty without one.
    list: String,
    required: bool,
}

/// The document for tables of these shapes.
pub(super) fn text(shapes: &[&Shape], about: &About, locales: &[&Locale]) -> String {
    let components = |names: &[&str]| names.iter().map(|name| component(name)).collect::<Vec<_>>();
    let mut all: BTreeMap<String, Component> = BTreeMap::new();
    let own = shapes.iter().flat_map(|shape| shape.iter().map(|column| of_column(column)));
    let common = components(&BEFORE).into_iter().chain(components(&SAID));
    let rest = components(&["freq", "time_period", "obs_value"]);
    for component in own.chain(common).chain(rest) {
        all.insert(component.id.clone(), component);
    }
    let mut xml = Xml::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    xml.open(
        "mes:Structure",
        &[
            ("xmlns:mes", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/message"),
            ("xmlns:str", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/structure"),
            ("xmlns:com", "http://www.sdmx.org/resources/sdmxml/schemas/v3_0/common"),
        ],
    );
    xml.open("mes:Header", &[]);
    xml.leaf("mes:ID", &[], "INNERWARD_STRUCTURE");
    xml.leaf("mes:Test", &[], if about.demo { "true" } else { "false" });
    xml.leaf("mes:Prepared", &[], &format!("{}T00:00:00Z", about.published_on));
    xml.empty("mes:Sender", &[("id", AGENCY)]);
    xml.close();
    xml.open("mes:Structures", &[]);
    flows(&mut xml, shapes);
    lists(&mut xml, &all, about, locales);
    concepts(&mut xml, &all);
    data_structures(&mut xml, shapes);
    xml.close();
    xml.close();
    xml.text
}

fn of_column(column: &Column) -> Component {
    Component {
        id: column.sdmx.clone(),
        definition: column.definition.clone(),
        kind: column.kind,
        list: column.list.clone(),
        required: column.required,
    }
}

/// The component of a column of an observation, of the ledger, or of SDMX's own.
fn component(name: &str) -> Component {
    let ledger = &model::entity("PrivacyLedger").attributes;
    if let Some(column) = columns().iter().chain(ledger).find(|column| column.name == name) {
        let mut component = of_column(column);
        if name == PUBLISHER {
            component.kind = Kind::Code;
            PUBLISHER.clone_into(&mut component.list);
        }
        return component;
    }
    let (definition, kind, list) = match name {
        "freq" => ("How long the period is", Kind::Code, "freq"),
        _ => (
            "The power of ten that the value is to be multiplied by: 0, for it is a plain count",
            Kind::Count,
            "",
        ),
    };
    Component {
        id: concept(name),
        definition: definition.to_owned(),
        kind,
        list: list.to_owned(),
        required: true,
    }
}

fn maintained(id: &str) -> [(&str, &str); 4] {
    [("id", id), ("version", VERSION), ("isExternalReference", "false"), ("agencyID", AGENCY)]
}

fn flows(xml: &mut Xml, shapes: &[&Shape]) {
    xml.open("str:Dataflows", &[]);
    for shape in shapes {
        let id = flow(shape);
        xml.open("str:Dataflow", &maintained(&id));
        xml.open("com:Annotations", &[]);
        xml.open("com:Annotation", &[("id", "REST")]);
        xml.leaf("com:AnnotationText", &[("xml:lang", "en")], REST);
        xml.close();
        xml.close();
        xml.leaf("com:Name", &[("xml:lang", "en")], &in_words(shape));
        let structure = format!(
            "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={AGENCY}:{}({VERSION})",
            structure_id(shape)
        );
        xml.leaf("str:Structure", &[], &structure);
        xml.close();
    }
    xml.close();
}

fn structure_id(shape: &Shape) -> String {
    format!("DSD_{}", name(shape).to_uppercase())
}

/// `Released counts by severity, media`
fn in_words(shape: &Shape) -> String {
    let names: Vec<String> = shape.iter().map(|column| column.title().to_lowercase()).collect();
    if names.is_empty() {
        "Released counts".to_owned()
    } else {
        format!("Released counts by {}", names.join(", "))
    }
}

fn list_id(name: &str) -> String {
    format!("CL_{}", name.to_uppercase())
}

fn lists(xml: &mut Xml, all: &BTreeMap<String, Component>, about: &About, locales: &[&Locale]) {
    let names: BTreeSet<&str> = all
        .values()
        .filter(|component| component.kind == Kind::Code)
        .map(|component| component.list.as_str())
        .collect();
    xml.open("str:Codelists", &[]);
    for name in names {
        let id = list_id(name);
        xml.open("str:Codelist", &[&maintained(&id)[..], &[("isPartial", "false")]].concat());
        if name == "freq" {
            xml.leaf("com:Name", &[("xml:lang", "en")], "Frequency");
            FREQUENCIES.iter().for_each(|(code, label)| named(xml, code, label));
        } else if name == PUBLISHER {
            xml.leaf("com:Name", &[("xml:lang", "en")], "Publishers of these figures");
            about.slugs.iter().for_each(|(publisher, code)| named(xml, code, publisher));
        } else {
            codes(xml, code_list(name), locales);
        }
        xml.close();
    }
    xml.close();
}

/// A code with a name in one language.
fn named(xml: &mut Xml, code: &str, name: &str) {
    xml.open("str:Code", &[("id", code)]);
    xml.leaf("com:Name", &[("xml:lang", "en")], name);
    xml.close();
}

fn codes(xml: &mut Xml, list: &CodeList, locales: &[&Locale]) {
    xml.leaf("com:Name", &[("xml:lang", "en")], &list.label);
    for code in &list.codes {
        xml.open("str:Code", &[("id", code.code)]);
        let mut named = false;
        for locale in locales {
            if let Some(words) = code.words(locale) {
                xml.leaf("com:Name", &[("xml:lang", locale.tag())], &words.pref);
                named = true;
            }
        }
        if !named && let Some(words) = code.words(Locale::english()) {
            xml.leaf("com:Name", &[("xml:lang", "en")], &words.pref);
        }
        // The schema of SDMX lets no parent begin with a digit, as regions do.
        if code.parent.starts_with(|first: char| first.is_ascii_alphabetic()) {
            xml.leaf("str:Parent", &[], code.parent);
        }
        xml.close();
    }
}

const CONCEPTS: &str = "CS_INNERWARD";

fn concepts(xml: &mut Xml, all: &BTreeMap<String, Component>) {
    xml.open("str:ConceptSchemes", &[]);
    xml.open("str:ConceptScheme", &[&maintained(CONCEPTS)[..], &[("isPartial", "false")]].concat());
    xml.leaf("com:Name", &[("xml:lang", "en")], "Concepts of the open data model");
    for component in all.values() {
        xml.open("str:Concept", &[("id", &component.id)]);
        xml.leaf("com:Name", &[("xml:lang", "en")], &model::title(&component.id.to_lowercase()));
        xml.leaf("com:Description", &[("xml:lang", "en")], &component.definition);
        xml.close();
    }
    xml.close();
    xml.close();
}

fn data_structures(xml: &mut Xml, shapes: &[&Shape]) {
    xml.open("str:DataStructures", &[]);
    for shape in shapes {
        let id = structure_id(shape);
        xml.open("str:DataStructure", &maintained(&id));
        xml.leaf("com:Name", &[("xml:lang", "en")], &in_words(shape));
        xml.open("str:DataStructureComponents", &[]);
        xml.open("str:DimensionList", &[("id", "DimensionDescriptor")]);
        let dimensions = BEFORE
            .iter()
            .map(|name| component(name))
            .chain(shape.iter().map(|column| of_column(column)))
            .chain([component("freq")]);
        for (component, at) in dimensions.zip(1..) {
            let position = at.to_string();
            xml.open("str:Dimension", &[("id", &component.id), ("position", &position)]);
            represent(xml, &component);
            xml.close();
        }
        xml.open("str:TimeDimension", &[("id", "TIME_PERIOD")]);
        represent(xml, &component("time_period"));
        xml.close();
        xml.close();
        xml.open("str:AttributeList", &[("id", "AttributeDescriptor")]);
        for component in SAID.map(component) {
            let usage = if component.required { "mandatory" } else { "optional" };
            xml.open("str:Attribute", &[("id", &component.id), ("usage", usage)]);
            represent(xml, &component);
            xml.open("str:AttributeRelationship", &[]);
            xml.empty("str:Observation", &[]);
            xml.close();
            xml.open("str:MeasureRelationship", &[]);
            xml.leaf("str:Measure", &[], "OBS_VALUE");
            xml.close();
            xml.close();
        }
        xml.close();
        xml.open("str:MeasureList", &[("id", "MeasureDescriptor")]);
        xml.open("str:Measure", &[("id", "OBS_VALUE"), ("usage", "optional")]);
        represent(xml, &component("obs_value"));
        xml.close();
        xml.close();
        xml.close();
        xml.close();
    }
    xml.close();
}

/// Which concept a component is, and what its values look like.
fn represent(xml: &mut Xml, component: &Component) {
    let concept = format!(
        "urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:{CONCEPTS}({VERSION}).{}",
        component.id
    );
    xml.leaf("str:ConceptIdentity", &[], &concept);
    xml.open("str:LocalRepresentation", &[]);
    if component.kind == Kind::Code {
        let list = format!(
            "urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:{}({VERSION})",
            list_id(&component.list)
        );
        xml.leaf("str:Enumeration", &[], &list);
    } else {
        xml.empty("str:TextFormat", &[("textType", text_type(component.kind))]);
    }
    xml.close();
}

fn text_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Count => "Long",
        Kind::Number => "Decimal",
        Kind::Flag => "Boolean",
        Kind::Date => "GregorianDay",
        Kind::Period => "ObservationalTimePeriod",
        Kind::Code | Kind::Name | Kind::Text | Kind::Digest | Kind::Language => "String",
    }
}

/// Writes elements; what is open is closed in the right order.
#[derive(Default)]
struct Xml {
    text: String,
    open: Vec<&'static str>,
}

impl Xml {
    fn raw(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.text.push('<');
        self.text.push_str(name);
        for (name, value) in attributes {
            self.text.push_str(&format!(" {name}=\"{}\"", escaped(value)));
        }
        self.text.push_str(end);
    }

    fn open(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes, ">\n");
        self.open.push(name);
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes, "/>\n");
    }

    fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.start(name, attributes, ">");
        self.text.push_str(&escaped(text));
        self.text.push_str(&format!("</{name}>\n"));
    }

    fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.text.push_str(&format!("</{name}>\n"));
        }
    }
}

/// As it may stand in XML; a character that XML 1.0 cannot hold is replaced.
fn escaped(text: &str) -> String {
    let plain: String =
        text.chars()
            .map(|c| {
                if c < ' ' && !"\t\n\r".contains(c) || "\u{fffe}\u{ffff}".contains(c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .collect();
    quick_xml::escape::escape(plain).into_owned()
}
