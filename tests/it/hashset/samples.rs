//! A small list of every form, for tests that break them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use innerward::hashset::{Entry, EntryKey, ListForm, ListHeader, ListWriter, ReadOptions, TableMap};

use super::packed::golden;
use super::{LONG, MD5, SHA1, read_as};

/// A map that uses every key there is.
pub(super) const MAP: &str = r#"
delimiter = ";"
key = ["Id", "Part"]
quality = "Q"
updated = "Changed"
tags = "Tags"
ignored = ["Notes"]

[hashes]
sha1 = "SHA1"

[unsupported]
photodna = "PhotoDNA"

[typed]
type = "Type"
hash = "Hash"
kinds = { "image md5" = "md5", PDQ = "pdq", TMK = "unsupported" }

[withdrawn]
column = "Gone"

[opinion]
column = "Opinion"
positive = ["yes", "sure"]
negative = ["no"]

[[category]]
column = "Category"
scheme = "IWF"

[[flag]]
column = "Baseline"
true = ["J"]
false = ["N"]
category = "INTERPOL:BASELINE"

[[flag]]
column = "Drawn"
facet = "origin:DRAWN"
"#;

/// A table that [`MAP`] describes.
pub(super) fn table() -> String {
    format!(
        "Id;Part;Type;Hash;SHA1;Q;Changed;Tags;Notes;PhotoDNA;Gone;Opinion;Category;Baseline;Drawn;More\r\n\
         7;1;PDQ;{LONG};{SHA1};87;2030-01-02T03:04:05Z;SEV_A x;\"=1+1;\"\"two\"\"\nlines\";AAAA;no;yes;A;j;0;m\r\n\
         8;;image MD5;{MD5};;;1893456000.5;;;;;No;B;N;true;\r\n\
         @9;;TMK;x;;;;;;;true;;;;;\r\n"
    )
}

/// A list of every form that is text, and how it is read.
pub(super) fn samples() -> Vec<(ReadOptions, Vec<u8>)> {
    let namespace = "https://hashsharing.ncmec.org/hashsharing/v2";
    let vics = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata#Media";
    let icse = "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;\
        Number of submissions;File Available;Media Type;Baseline";
    let base64 = "XKGrHlyhqx5coaseXKGrHlyhqx5coaseXKGrHlyhqx4=";
    let texts = [
        (
            ListForm::Tx,
            format!(
                "signal_type,signal_str,collab,category,tags\npdq,{LONG},DEMO,INVESTIGATION_SEED,\n\
             video_md5,{MD5},\"D,E\",POSITIVE_CLASS,SEV_A demo\nraw_text,\"a\nb \"\"c\"\"\",X,POSITIVE_CLASS,\n"
            ),
        ),
        (ListForm::Tx, format!("pdq {LONG}\nvideo_md5 {MD5}\nurl https://example.org\n")),
        (
            ListForm::Plain { kind: None },
            format!("# list\n{MD5}  a.jpg\n\\{SHA1} *b\nMD5 (c (1)) = {MD5}\npdq:{LONG}\n"),
        ),
        (
            ListForm::Hashdeep,
            format!(
                "%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,tiger,filename\n## x\n12,{MD5},{SHA1},00,/a,b\n13,,{SHA1},,c\n"
            ),
        ),
        (
            ListForm::Vics,
            format!(
                r#"{{"@odata.context":"{vics}","value":[{{"MediaID":1,"Category":1,"MD5":"{MD5}","SHA1":"{SHA1}","Series":"X",
            "VictimIdentified":"true","MediaFiles":[{{"MD5":"{MD5}","FileName":"a"}}]}},{{"MediaID":2,"SHA1":"{SHA1}"}}]}}"#
            ),
        ),
        (
            ListForm::Ncmec,
            format!(
                "<queryResult xmlns=\"{namespace}\"><images count=\"2\"><image><member id=\"7\">M</member>\
             <timestamp>2030-01-02T03:00:00Z</timestamp><id>a</id><classification>A1</classification><fingerprints>\
             <md5>{MD5}</md5><pdq>{LONG}</pdq><tmk-pdqf href=\"/x\"/></fingerprints></image><deletedImage>\
             <member id=\"7\">M</member><id>b</id></deletedImage></images></queryResult>"
            ),
        ),
        (
            ListForm::StopNcii,
            format!(
                r#"{{"count":1,"hashRecords":[{{"lastModtimestamp":1893456000,"signalType":"ImagePDQ","hashValue":"{LONG}",
            "hashStatus":"Active","CSPFeedbacks":[{{"feedbackValue":"Blocked"}}]}}]}}"#
            ),
        ),
        (
            ListForm::ThreatExchange,
            format!(
                r#"{{"data":[{{"id":"1","indicator":"{LONG}","type":"HASH_PDQ","last_updated":1893456000,"should_delete":false,
            "descriptors":{{"data":[{{"id":"11","owner":{{"id":"111"}},"status":"MALICIOUS","tags":{{"data":[]}}}}]}}}}]}}"#
            ),
        ),
        (
            ListForm::Tcap,
            format!(
                r#"{{"count":1,"checkpoint":"1,2","results":[{{"hash_digest":"{MD5}","algorithm":"MD5","ideology":"x","id":42,
            "deleted":false,"updated_on":1893456000.5}}]}}"#
            ),
        ),
        (
            ListForm::Dfxml,
            format!(
                "<?xml version=\"1.0\"?><dfxml><fileobject><filename>a</filename><hashdigest type='md5'>{MD5}</hashdigest>\
             <hashdigest type='SHA1'>{SHA1}</hashdigest></fileobject></dfxml>"
            ),
        ),
        (
            ListForm::Arachnid,
            format!(
                r#"{{"scanned_hashes":{{"{base64}":{{"classification":"csam","match_type":"exact"}}}}}}
            {{"sha1_base32":"33FPXLO6ZL523XWK7OW55SX3VXPMV65N","sha256_hex":"{LONG}","classification":"csam"}}"#
            ),
        ),
        (ListForm::Vpdq, format!("0,100,{LONG},0.000\n30,87,{},1.000\n", LONG.replace('5', "4"))),
        (ListForm::Vpdq, format!("{LONG},100,0.0\n{},87,1.23e+03\n", LONG.replace('5', "4"))),
        (ListForm::Vpdq, format!("[\"{LONG},100,0.0\",\"{},87,1.0\"]\n", LONG.replace('5', "4"))),
        (ListForm::Icse, format!("{icse}\n{MD5};{SHA1};AAAA;17;y;n;;S;3;t;image;True\n{MD5};;;18;;;;;;;;\n")),
        (
            ListForm::Rdsv2,
            format!(
                "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\n\
             \"{SHA1}\",\"{MD5}\",\"00000000\",\"a \"\"b\"\",c\",12,1,\"X\",\"\"\n"
            ),
        ),
    ];
    let mut samples: Vec<_> = texts
        .into_iter()
        .map(|(form, text)| (ReadOptions { form: Some(form), ..ReadOptions::default() }, text.into_bytes()))
        .collect();
    let kind = "pdq".parse().ok();
    for text in [
        format!("{LONG},11,2030-01-02T03:04:05+0000,\"a b\"\n{},12,mine,\n", LONG.replace('5', "4")),
        format!("{LONG},1,11,2030-01-02T03:04:05+0000,\"SEV_A b\"\n"),
    ] {
        let options = ReadOptions { form: Some(ListForm::State { kind }), ..ReadOptions::default() };
        samples.push((options, text.into_bytes()));
    }
    let map = Some(Arc::new(MAP.parse::<TableMap>().unwrap()));
    samples.push((ReadOptions { map, ..ReadOptions::default() }, table().into_bytes()));
    let options = ReadOptions { form: Some(ListForm::Innerward), ..ReadOptions::default() };
    samples.push((options, innerward()));
    samples
}

/// A list of our own.
pub(super) fn innerward() -> Vec<u8> {
    let header = ListHeader { list_id: "demo".into(), ..ListHeader::default() };
    let mut list = ListWriter::new(Vec::new(), &header).unwrap();
    for text in [format!("md5:{MD5}"), format!("pdq:{LONG}"), "gradient8:0102030405060708".into()] {
        let signal: innerward::digest::Signal = text.parse().unwrap();
        list.entry(&Entry::bare(signal.into())).unwrap();
    }
    list.withdrawn(&EntryKey::new("7-demo-2").unwrap(), None).unwrap();
    list.finish().unwrap()
}

/// Where the fuzzer begins: these lists, and packed ones, as files. What it found is beside them.
#[test]
fn the_seeds_of_the_fuzzer_are_the_samples() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/lists");
    let packed = golden().map(|(how, file, _)| (how.replace(' ', ""), file));
    let texts =
        samples().into_iter().zip(1..).map(|((_, text), number)| (format!("sample-{number:02}"), text));
    for (name, seed) in texts.chain(packed) {
        let path = folder.join(name);
        if std::env::var_os("INNERWARD_WRITE_SEEDS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &seed).unwrap();
        }
        let there = fs::read(&path).unwrap_or_default();
        assert!(there == seed, "{}: set INNERWARD_WRITE_SEEDS to write it anew", path.display());
    }
    for found in fs::read_dir(&folder).unwrap() {
        let _ = read_as(None, fs::read(found.unwrap().path()).unwrap());
    }
}
