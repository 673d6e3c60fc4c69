//! The table of kinds is the table of the contract.

use prost_reflect::DescriptorPool;
use standing_domain::entry::event::kind::{KINDS, Kind, WITHDRAWAL};
use standing_proto::FILE_DESCRIPTOR_SET;

#[test]
fn kinds_are_the_fields_of_the_event_of_a_draft() {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let draft = pool.get_message_by_name("standing.v1.Draft").unwrap();
    let event = draft
        .oneofs()
        .find(|oneof| oneof.name() == "event")
        .unwrap();
    let fields: Vec<_> = event
        .fields()
        .map(|field| (field.number(), field.name().to_owned()))
        .collect();
    let kinds: Vec<_> = KINDS
        .iter()
        .map(|kind| (u32::from(kind.number), kind.name.to_owned()))
        .collect();
    assert_eq!(kinds, fields);
}

#[test]
fn kinds_are_found_by_number() {
    for kind in KINDS {
        assert_eq!(Kind::numbered(kind.number), Some(kind));
    }
    assert_eq!(Kind::numbered(0), Some(&WITHDRAWAL));
    assert_eq!(Kind::numbered(43).unwrap().name, "member_admitted");
    assert_eq!(Kind::numbered(1), None);
    assert_eq!(Kind::numbered(u16::MAX), None);
}
