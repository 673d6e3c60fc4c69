//! What goes out comes back the same.

use crate::generate;
use proptest::prelude::*;
use standing_domain::entry::Content;
use standing_domain::entry::draft::Draft;
use standing_domain::entry::event::Event;
use standing_domain::time::when::When;
use standing_proto::{json, v1};

fn come_back(content: &Content) -> Draft {
    let wire = v1::Draft::from(content);
    Draft::try_from(wire).unwrap()
}

proptest! {
    #[test]
    fn every_content_comes_back_from_the_wire(content in generate::content()) {
        let back = come_back(&content);
        prop_assert_eq!(back, Draft::from(content));
    }

    #[test]
    fn every_draft_comes_back_from_json(content in generate::content()) {
        let wire = v1::Draft::from(&content);
        let compact = json::to_json(&wire).unwrap();
        prop_assert!(!compact.contains('\n'));
        prop_assert_eq!(&json::from_json::<v1::Draft>(&compact).unwrap(), &wire);
        let pretty = json::to_json_pretty(&wire).unwrap();
        let back = json::from_json::<v1::Draft>(&pretty).unwrap();
        prop_assert_eq!(&back, &wire);
        prop_assert_eq!(json::to_json(&back).unwrap(), compact);
    }

    #[test]
    fn every_date_comes_back(when in generate::when()) {
        prop_assert_eq!(&When::try_from(v1::When::from(&when)).unwrap(), &when);
    }
}

#[test]
fn every_kind_is_generated() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..4_000 {
        let event: Event = generate::event().new_tree(&mut runner).unwrap().current();
        kinds.insert(event.kind().name);
    }
    let missing: Vec<_> = standing_domain::entry::event::kind::KINDS
        .iter()
        .filter(|kind| !kinds.contains(kind.name))
        .map(|kind| kind.name)
        .collect();
    assert_eq!(missing, ["person_named"]);
}
