//! Malformed lines, and words on the command line: file, line and field are named.

use super::{World, big, rows};
use std::path::Path;

/// What the line complained of has: the field, what is said, the line.
const LINES: &str = r#"
    memberAdmitted.partei | unknown field | {"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"partei": "bb-dogwood", "class": "full"}}
    memberAdmited | unknown field | {"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmited": {"party": "bb-dogwood", "class": "full"}}
    memberAdmitted.party | invalid type | {"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": 7, "class": "full"}}
    memberAdmitted.class | twice | {"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "bb-dogwood", "class": "full", "class": "observer"}}
    confidence | CONFIDENCE_SURE | {"id": "a", "confidence": "CONFIDENCE_SURE", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    order | - | {"id": "a", "order": -1, "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    effective | - | {"id": "a", "effective": "2012-01-01", "seatPlaced": {"place": "Birch"}}
    id | - | {"effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    id | - | {"id": "Not An Id", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}
    - | EOF | {"id": "a", "effective": {"date": "2012-01-01"}
    - | trailing | {"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}} {}
    - | expected | not JSON at all
    - | - | []
"#;

/// What the server refuses or finds malformed: the reason or field, the line.
const DRAFTS: &str = r#"
    effective.date | {"id": "a", "effective": {"date": "2023-02-30"}, "seatPlaced": {"place": "Birch"}}
    effective.window | {"id": "a", "effective": {"window": {"earliestDate": "2012-01-02", "latestDate": "2012-01-01"}}, "seatPlaced": {"place": "Birch"}}
    seatPlaced.place | {"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "BIG"}}
    seat_placed.place | {"id": "a", "effective": {"date": "2012-01-01"}, "seat_placed": {"place": "Real\nb"}}
    UNKNOWN_PARTY | {"id": "a", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "xx-nobody", "class": "full"}}
    NOT_HELD | {"id": "a", "effective": {"date": "2012-01-01"}, "membershipEnded": {"party": "bb-dogwood", "ground": "END_GROUND_WITHDRAWAL"}}
"#;

#[test]
fn a_malformed_line_is_named_with_its_file_and_field() {
    let world = World::new();
    for [field, said, line] in rows(LINES) {
        // The faulty line is the fourth of its file.
        let file = world
            .folder
            .write("faulty.jsonl", format!("# A comment.\n\n\n{line}\n"));
        for command in ["import", "record"] {
            let arguments = [command.as_ref(), file.as_os_str()];
            let complaint = world.server.cli(arguments).fails(3);
            for part in ["faulty.jsonl:4", field, said] {
                assert!(
                    complaint.contains(part),
                    "{command} {line}: no {part}: {complaint}"
                );
            }
        }
    }
    assert_eq!(world.server.client().head(), 28);
}

#[test]
fn a_refused_line_is_named_with_its_file() {
    let world = World::new();
    for [reason, line] in rows(DRAFTS) {
        let line = line.replace("BIG", big());
        let file = world.folder.write("refused.jsonl", format!("\n{line}\n"));
        let complaint = world
            .server
            .cli(["import".as_ref(), file.as_os_str()])
            .fails(3);
        for part in ["refused.jsonl:2", reason] {
            assert!(
                complaint.contains(part),
                "{line:.200}: no {part}: {complaint}"
            );
        }
        assert!(complaint.len() < 8_192, "{} bytes", complaint.len());
    }
    assert_eq!(world.server.client().head(), 28);
}

#[test]
fn a_batch_with_one_faulty_line_is_not_recorded() {
    let world = World::new();
    let good =
        r#"{"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;
    let file = world
        .folder
        .write("batch.jsonl", format!("{good}\n{{\"id\": \"b\"\n"));
    let complaint = world
        .server
        .cli(["record".as_ref(), file.as_os_str()])
        .fails(3);
    assert!(complaint.contains("batch.jsonl:2"), "{complaint}");
    assert_eq!(world.server.client().head(), 28);
}

/// Holds that a file is refused with some words, and without others, whichever way it is sent.
fn complain(world: &World, file: &Path, parts: &[&str], others: &[&str]) {
    for command in ["import", "record"] {
        let sent = world.server.cli([command.as_ref(), file.as_os_str()]);
        let complaint = sent.fails(3);
        for part in parts {
            assert!(
                complaint.contains(part),
                "{command}: no {part}: {complaint}"
            );
        }
        for other in others {
            assert!(
                !complaint.contains(other),
                "{command}: {other}: {complaint}"
            );
        }
    }
}

#[test]
fn all_faults_of_a_file_are_told_and_nothing_of_it_is_recorded() {
    let world = World::new();
    let lines = [
        r#"{"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#,
        r#"{"id": "b", "effective": {"date": "2012"}, "seatPlaced": {"place": "   "}}"#,
        r#"{"id": "c", "confidence": "SURE"}"#,
        r#"{"id": "a", "effective": {"date": "2012-01-02"}, "seatPlaced": {"place": "Cedar"}}"#,
    ];
    let file = world.folder.write("law.jsonl", lines.join("\n"));
    let parts = [
        "law.jsonl:2: seatPlaced.place: is blank",
        "law.jsonl:3: confidence: \"SURE\" is none of CONFIDENCE_CONFIRMED, ",
        "law.jsonl:4: id: the id \"a\" stands at ",
    ];
    complain(&world, &file, &parts, &[]);
    assert_eq!(world.server.client().head(), 28);
}

#[test]
fn what_the_ledger_refuses_is_told_in_the_same_round_as_what_cannot_be_read() {
    let world = World::new();
    let lines = [
        r#"{"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#,
        r#"{"id": "b", "termDeclared": {"kind": "TERM_KIND_CLAS", "term": "junior"}}"#,
        r#"{"id": "c", "effective": {"date": "2012-01-01"}, "memberAdmitted": {"party": "xx-nobody", "class": "full"}}"#,
        r#"{"id": "d", "effective": {"date": "2012-01-02"}, "memberAdmitted": {"party": "bb-dogwood", "class": "junior"}}"#,
        r#"{"id": "e", "effective": {"date": "2012-01-01"}, "corrects": {"id": "d"}}"#,
    ];
    let file = world.folder.write("law.jsonl", lines.join("\n"));
    let parts = [
        "law.jsonl:2: termDeclared.kind: ",
        "law.jsonl:3: UNKNOWN_PARTY: party xx-nobody is not known",
        "not judged, as they speak of what stands in faulty lines: ",
    ];
    // What only lacks what a faulty line says is not told to be wrong.
    let others = ["UNKNOWN_CLASS", "law.jsonl:5: UNKNOWN_ENTRY"];
    complain(&world, &file, &parts, &others);
    let lines = [lines[0], lines[1]];
    let file = world.folder.write("law.jsonl", lines.join("\n"));
    let record = world.server.cli(["record".as_ref(), file.as_os_str()]);
    let complaint = record.fails(3);
    let part = "nothing is refused of 1 other line";
    assert!(complaint.contains(part), "no {part}: {complaint}");
    assert_eq!(world.server.client().head(), 28);
}

#[test]
fn faults_of_several_files_are_told_at_once() {
    let world = World::new();
    let one = world
        .folder
        .write("1.jsonl", r#"{"id": "a", "confidence": "SURE"}"#);
    let two = world.folder.write("2.jsonl", r#"{"id": "b", "order": -1}"#);
    let import = ["import".as_ref(), one.as_os_str(), two.as_os_str()];
    let complaint = world.server.cli(import).fails(3);
    for part in [
        "2 of 2 files have 2 faults",
        "1.jsonl:1: confidence: ",
        "2.jsonl:1: order",
    ] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
}

#[test]
fn a_refused_draft_is_named_by_its_line_where_it_collides_with_another_of_its_batch() {
    let world = World::new();
    let admitted = |id: &str| {
        format!(
            r#"{{"id": "{id}", "effective": {{"date": "2012-01-01"}}, "memberAdmitted": {{"party": "bb-dogwood", "class": "full"}}}}"#
        )
    };
    let lines = ["# Two on one day.".to_owned(), admitted("a"), admitted("b")];
    let file = world.folder.write("twice.jsonl", lines.join("\n"));
    let record = world.server.cli(["record".as_ref(), file.as_os_str()]);
    let complaint = record.fails(3);
    for part in ["twice.jsonl:3: ORDER_MISSING", "twice.jsonl:2)"] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
    for part in ["entries ", "entry ", "of this batch"] {
        assert!(!complaint.contains(part), "{part}: {complaint}");
    }
}

#[test]
fn nothing_behind_a_refused_line_of_an_import_is_recorded() {
    let world = World::new();
    let registered = |number: usize| {
        format!(
            r#"{{"id": "q-{number}", "partyRegistered": {{"party": "q-{number}", "kind": "town", "names": [{{"language": "en", "text": "Q {number}"}}]}}}}"#
        )
    };
    let admitted = |party: &str| {
        format!(
            r#"{{"id": "x", "effective": {{"date": "2012-01-01"}}, "memberAdmitted": {{"party": "{party}", "class": "full"}}}}"#
        )
    };
    let before = world.server.client().head();
    let lines = |party: &str| {
        let lines = (0..900).map(registered);
        let lines = lines
            .clone()
            .take(500)
            .chain([admitted(party)])
            .chain(lines.skip(500));
        lines.collect::<Vec<_>>().join("\n")
    };
    let file = world.folder.write("many.jsonl", lines("nobody"));
    let import = || world.server.cli(["import".as_ref(), file.as_os_str()]);
    let complaint = import().fails(3);
    for part in [
        "many.jsonl:501: REFUSED",
        "nobody",
        "500 recorded, 0 already there; import again to go on from here",
    ] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
    assert_eq!(world.server.client().head(), before + 500);
    world.folder.write("many.jsonl", lines("q-1"));
    let report = import().ok();
    let expected = format!(
        "401 recorded, 500 already there, from 1 file; last entry: {}",
        before + 901
    );
    assert!(report.contains(&expected), "{report}");
    // An id that stands in two files is told by both places, and what stands before it is recorded.
    let [one, two] = [("one", [1_000, 1_001]), ("two", [1_002, 1_000])].map(|(name, numbers)| {
        let lines = numbers.map(registered).join("\n");
        world.folder.write(&format!("{name}.jsonl"), lines)
    });
    let import = ["import".as_ref(), one.as_os_str(), two.as_os_str()];
    let complaint = world.server.cli(import).fails(3);
    for part in [
        "two.jsonl:2: the id \"q-1000\" stands at ",
        "one.jsonl:1 already",
        "3 recorded, 0 already there",
    ] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
    assert_eq!(world.server.client().head(), before + 904);
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let world = World::new();
    let line =
        r#"{"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;
    let file = world
        .folder
        .write("seat.jsonl", format!("\u{feff}{line}\n"));
    let record = world.server.cli(["record".as_ref(), file.as_os_str()]);
    record.ok();
    assert_eq!(world.server.client().head(), 29);
}

#[test]
fn an_edited_line_names_the_correction_to_make_instead() {
    let world = World::new();
    let line =
        r#"{"id": "a", "effective": {"date": "2012-01-01"}, "seatPlaced": {"place": "Birch"}}"#;
    let file = world.folder.write("seat.jsonl", line);
    let import = || world.server.cli(["import".as_ref(), file.as_os_str()]);
    assert_eq!(import().code, Some(0));
    world
        .folder
        .write("seat.jsonl", line.replace("Birch", "Cedar"));
    let complaint = import().fails(3);
    for part in [
        "seat.jsonl:1",
        "REQUEST_ID_REUSED",
        r#""corrects": {"id": "a"}"#,
    ] {
        assert!(complaint.contains(part), "no {part}: {complaint}");
    }
    assert_eq!(world.server.client().head(), 29);
}

#[test]
fn wrong_words_are_wrong_usage() {
    for arguments in [
        &["roll", "--on", "2024-02-30"][..],
        &["roll", "--on", "1899-12-31"],
        &["roll", "--on", "2201-01-01"],
        &["roll", "--known-at", "last week"],
        &["rights"],
        &["frobnicate"],
        &["entry", "-1"],
    ] {
        let complaint = crate::harness::cli(arguments).fails(2);
        let word = arguments.last().unwrap();
        let named = complaint.contains(word) || complaint.contains("<PARTY>");
        assert!(named, "{arguments:?}: {complaint}");
    }
}

#[test]
fn what_is_not_known_is_refused_and_no_server_is_a_failure() {
    let world = World::new();
    for (arguments, name) in [
        (&["rights", "xx-nobody"][..], "xx-nobody"),
        (&["rights", "aa-alder", "--right", "veto"], "veto"),
        (
            &["rights", "aa-alder", "--right", "vote", "--body", "senate"],
            "senate",
        ),
        (&["holders", "veto"], "veto"),
        (&["chairs", "--office", "jester"], "jester"),
        (&["session", "assembly/9"], "assembly/9"),
        (&["law", "statute"], "statute"),
        (&["law", "charter", "99"], "99"),
        (&["history", "xx-nobody"], "xx-nobody"),
        (&["entry", "29"], "29"),
        (&["roll", "--known-at", "29"], "29"),
        (&["roll", "--known-at", "2199-01-01T00:00:00Z"], "2199"),
    ] {
        let complaint = world.server.cli(arguments).fails(3);
        assert!(complaint.contains(name), "{arguments:?}: {complaint}");
    }
    let nobody = ["head", "--server", "http://127.0.0.1:1"];
    let complaint = crate::harness::cli(nobody).fails(1);
    assert!(complaint.contains("127.0.0.1:1"), "{complaint}");
}
