//! Events as a person reads them: which fields of a draft are its event, and the words behind the
//! names of values. Both are read off the contract, so that what is new in it is told too.

use super::pool;
use crate::v1;
use prost::Name as _;
use prost_reflect::{DescriptorPool, EnumDescriptor, Kind, MessageDescriptor};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What zero is called in every enum of the contract, after what its names begin with.
const ZERO: &str = "UNSPECIFIED";

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::of(pool()));

/// Returns whether a field of a draft, as JSON names it, is an event: `memberAdmitted` is, `note`
/// is none.
///
/// ```
/// use standing_proto::json::words::is_event;
///
/// assert!(is_event("memberAdmitted"));
/// assert!(!is_event("authority"));
/// ```
#[must_use]
pub fn is_event(field: &str) -> bool {
    WORDS.events.contains(field)
}

/// Returns the word of a value that an event may have, without what all names of its enum begin
/// with; none of a text that is no such name.
///
/// ```
/// use standing_proto::json::words::word;
///
/// assert_eq!(word("NAME_KIND_LEGAL"), Some("legal"));
/// assert_eq!(word("in good standing"), None);
/// ```
#[must_use]
pub fn word(constant: &str) -> Option<&'static str> {
    WORDS.values.get(constant).map(String::as_str)
}

/// What a contract says of events.
#[derive(Default)]
struct Words {
    /// The fields of a draft that are events, as JSON names them.
    events: BTreeSet<String>,
    /// The names of values in events, each with its word.
    values: BTreeMap<String, String>,
}

impl Words {
    fn of(pool: &DescriptorPool) -> Self {
        let mut words = Self::default();
        let mut seen = BTreeSet::new();
        let draft = pool.get_message_by_name(&v1::Draft::full_name());
        let choices = draft.iter().flat_map(MessageDescriptor::oneofs);
        for event in choices.filter(|choice| choice.name() == "event") {
            for field in event.fields() {
                words.events.insert(field.json_name().to_owned());
                words.visit(&field.kind(), &mut seen);
            }
        }
        words
    }

    /// Takes in what a value may hold. Norms nest, so a message is looked at once.
    fn visit(&mut self, kind: &Kind, seen: &mut BTreeSet<String>) {
        match kind {
            Kind::Enum(values) => self.name(values),
            Kind::Message(message) if seen.insert(message.full_name().to_owned()) => {
                for field in message.fields() {
                    self.visit(&field.kind(), seen);
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, values: &EnumDescriptor) {
        let zero = values.default_value();
        let start = zero.name().strip_suffix(ZERO).unwrap_or_default();
        for value in values.values() {
            let name = value.name();
            let word = name.strip_prefix(start).unwrap_or(name);
            let word = word.to_lowercase().replace('_', "-");
            self.values.insert(name.to_owned(), word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use crate::FILE_DESCRIPTOR_SET;
    use crate::json::pool;
    use prost::Message as _;
    use prost_reflect::DescriptorPool;
    use prost_types::field_descriptor_proto::{Label, Type};
    use prost_types::{
        EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorSet,
    };

    #[test]
    fn values_of_events_are_told_without_what_their_names_begin_with() {
        let words = Words::of(pool());
        for (name, word) in [
            ("ARTICLE_CHANGE_AMENDED", "amended"),
            ("COMPLETENESS_NOT_RECORDED", "not-recorded"),
            ("END_GROUND_WITHDRAWAL", "withdrawal"),
            ("NAME_KIND_LEGAL", "legal"),
            ("OUTCOME_ADOPTED", "adopted"),
            ("PASSING_MEMBERSHIP", "membership"),
            ("SESSION_EDGE_CLOSE", "close"),
            ("TERM_KIND_CLASS", "class"),
        ] {
            assert_eq!(words.values.get(name).map(String::as_str), Some(word));
        }
        // Circumstances are no part of the event, and every enum has a zero to cut by.
        assert!(!words.values.contains_key("CONFIDENCE_INFERRED"));
        let whole = |(name, word): (&String, &String)| name.to_lowercase().len() == word.len();
        assert!(!words.values.iter().any(whole));
    }

    #[test]
    fn an_enum_and_an_event_that_are_new_in_the_contract_are_told_too() {
        let mut files = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let mut of = files.file.iter_mut();
        let file = of
            .find(|file| file.name() == "standing/v1/draft.proto")
            .unwrap();
        let value = |(number, name): (i32, &str)| EnumValueDescriptorProto {
            name: Some(name.to_owned()),
            number: Some(number),
            ..EnumValueDescriptorProto::default()
        };
        file.enum_type.push(EnumDescriptorProto {
            name: Some("SeatKind".to_owned()),
            value: [(0, "SEAT_KIND_UNSPECIFIED"), (1, "SEAT_KIND_BY_THE_DOOR")]
                .map(value)
                .to_vec(),
            ..EnumDescriptorProto::default()
        });
        let field = |name: &str, number, kind, type_name: &str| FieldDescriptorProto {
            name: Some(name.to_owned()),
            number: Some(number),
            label: Some(Label::Optional.into()),
            r#type: Some(i32::from(kind)),
            type_name: Some(type_name.to_owned()),
            ..FieldDescriptorProto::default()
        };
        for message in &mut file.message_type {
            match message.name() {
                "MemberAdmitted" => {
                    let seat = field("seat", 900, Type::Enum, ".standing.v1.SeatKind");
                    message.field.push(seat);
                }
                "Draft" => {
                    let name = ".standing.v1.MemberAdmitted";
                    let mut event = field("member_seated", 900, Type::Message, name);
                    event.oneof_index = Some(0);
                    message.field.push(event);
                }
                _ => {}
            }
        }
        let grown = DescriptorPool::decode(files.encode_to_vec().as_slice()).unwrap();
        let (before, after) = (Words::of(pool()), Words::of(&grown));
        assert!(!before.events.contains("memberSeated"));
        assert!(after.events.contains("memberSeated"));
        assert_eq!(after.values["SEAT_KIND_BY_THE_DOOR"], "by-the-door");
        assert_eq!(after.values.len(), before.values.len() + 2);
    }
}
