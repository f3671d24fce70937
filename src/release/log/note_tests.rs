//! Tests of checkpoints: a golden one by other tools, foreign keys, cosignatures, and every changed bit.

use super::*;

/// Made with Python's `cryptography`, `blake3` and `hashlib` by the words of the C2SP documents: the keys are the bytes 7 and
/// 9, 32 times each.
const GOLDEN: &str = "innerward-58E426BCAAF37108
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

\u{2014} innerward-58E426BCAAF37108 CPqOnu83AMG1WLSCKi9DpPDL9n16VsxTWqsWDH4mdF2b1spMYhvb3QOIa1P87ojdW8jxIqB2tgJlQl5q6ssCYKjubQg=
";
const COSIGNED: &str = "\u{2014} witness.example/w1 JLXZ/gAAAABkGFDLhwnW+PYfQTPgQ0vxSHBJT3lLJiwMt3jNiubCdBKiJ2bNiOpDVoem44RLMyKubs6O7iS4iyeTowT939mDAD2LAw==
";
const WITNESS: &str = "witness.example/w1+24b5d9fe+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";

fn head() -> Head {
    let root = hex::decode("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328").unwrap();
    Head { size: 8, root: root.try_into().unwrap() }
}

fn verify(note: &str) -> Result<Head, NoteFault> {
    Checkpoint::parse(note.as_bytes())?.verify(&Signatory::new(&[7; 32]).public())
}

#[test]
fn a_checkpoint_is_what_others_make_of_the_same_head() {
    assert_eq!(sign(&head(), &Signatory::new(&[7; 32])), GOLDEN);
    assert_eq!(verify(GOLDEN), Ok(head()));
}

#[test]
fn the_number_of_a_key_is_that_of_the_format() {
    // The key with which the package note of Go's sumdb is documented: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
    let bytes = decoded::<33>("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let key = bytes[1..].try_into().unwrap();
    assert_eq!(hex::encode(key_id("PeterNeumann", ED25519, key)), "c74f20a3");
}

#[test]
fn a_witness_cosigns_and_no_other_does() {
    let witness: WitnessKey = WITNESS.parse().unwrap();
    assert_eq!((witness.to_string().as_str(), witness.name()), (WITNESS, "witness.example/w1"));
    let both = format!("{GOLDEN}{COSIGNED}");
    assert_eq!(verify(&both), Ok(head()));
    let note = Checkpoint::parse(both.as_bytes()).unwrap();
    assert_eq!(note.cosigned_by(&witness).unwrap().as_second(), 1_679_315_147);
    let alone = Checkpoint::parse(GOLDEN.as_bytes()).unwrap();
    assert_eq!(alone.cosigned_by(&witness), Err(NoteFault::Unsigned("witness.example/w1".into())));
    // A cosignature for another head, or of another time, is none.
    let other = sign(&Head { size: 7, ..head() }, &Signatory::new(&[7; 32]));
    let other = Checkpoint::parse(format!("{other}{COSIGNED}").as_bytes()).unwrap();
    assert!(matches!(other.cosigned_by(&witness), Err(NoteFault::Signature(_))));
    let later = COSIGNED.replace("AAAABkGFDL", "AAAABkGFDM");
    let later = Checkpoint::parse(format!("{GOLDEN}{later}").as_bytes()).unwrap();
    assert!(matches!(later.cosigned_by(&witness), Err(NoteFault::Signature(_))));
}

#[test]
fn a_text_that_is_no_witness_key_is_refused() {
    for (from, to) in [
        ("w1+", "w2+"),
        ("24b5", "24b6"),
        ("+BP0", "+AP0"),
        ("fYY", "fY"),
        ("+24b5d9fe", ""),
        ("witness", "wit ness"),
    ] {
        assert_eq!(WITNESS.replacen(from, to, 1).parse::<WitnessKey>(), Err(WitnessKeyError), "{from} {to}");
    }
    // A key of the right form under which one signature holds for many texts.
    let weak = [&[COSIGNATURE][..], &[1], &[0; 31]].concat();
    let id = hex::encode(key_id("w", COSIGNATURE, weak[1..].try_into().unwrap()));
    assert_eq!(
        format!("w+{id}+{}", Base64::encode_string(&weak)).parse::<WitnessKey>(),
        Err(WitnessKeyError)
    );
}

#[test]
fn every_changed_bit_of_a_checkpoint_is_refused() {
    for at in 0..GOLDEN.len() {
        for bit in 0..8 {
            let mut changed = GOLDEN.as_bytes().to_vec();
            changed[at] ^= 1 << bit;
            let outcome =
                Checkpoint::parse(&changed).and_then(|note| note.verify(&Signatory::new(&[7; 32]).public()));
            assert!(outcome.is_err(), "bit {bit} of byte {at}");
        }
    }
    for len in 0..GOLDEN.len() {
        assert!(verify(GOLDEN.get(..len).unwrap_or_default()).is_err(), "{len}");
    }
}

#[test]
fn forms_that_are_no_checkpoints_are_told() {
    let with = |from: &str, to: &str| verify(&GOLDEN.replacen(from, to, 1)).unwrap_err().to_string();
    for (from, to, said) in [
        ("\n8\n", "\n08\n", "its size"),
        ("\n8\n", "\n+8\n", "its size"),
        ("\n8\n", "\n2000000000000\n", "its size"),
        ("\n8\n", "\n\n", "no empty line before"),
        ("yg=\n", "yg\n", "its root"),
        ("yg=\n", "yg=\nextension\n", "more than three lines"),
        ("\u{2014} ", "-- ", "a signature"),
        ("innerward", "inner\tward", "control characters"),
    ] {
        let told = with(from, to);
        assert!(told.contains(said) || said == "no empty line before", "{from:?} {to:?}: {told}");
    }
    let many = format!("{GOLDEN}{}", COSIGNED.repeat(MOST_SIGNATURES));
    assert!(verify(&many).unwrap_err().to_string().contains("too many signatures"));
    assert!(verify(&format!("{GOLDEN}{}", COSIGNED.repeat(20))).is_ok(), "as many are to be read");
    assert!(verify(&"x".repeat(MOST_NOTE + 1)).unwrap_err().to_string().contains("too long"));
    // One good signature does not make up for a bad one of the same key.
    let line = GOLDEN.lines().last().unwrap();
    let bad = format!("{GOLDEN}{}\n", line.replace("ubQg=", "ubQk="));
    assert!(matches!(verify(&bad), Err(NoteFault::Signature(_) | NoteFault::Form(_))));
}

#[test]
fn another_logs_checkpoint_is_refused_by_its_name() {
    let other = sign(&head(), &Signatory::new(&[8; 32]));
    assert!(matches!(verify(&other), Err(NoteFault::OtherLog { .. })));
    // Its text with our name, signed by it: the signature is not of our key.
    let (own, theirs) =
        (origin(&Signatory::new(&[7; 32]).public()), origin(&Signatory::new(&[8; 32]).public()));
    assert!(matches!(verify(&other.replace(&theirs, &own)), Err(NoteFault::Unsigned(_))));
}
