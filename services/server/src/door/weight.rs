//! How much a message becomes when it is read: two bytes on the wire may be an empty draft, which
//! takes hundreds in memory.
//!
//! What is weighed is only what can be repeated, by the contract's own description of its messages.
//! A message that weighs more than its length accounts for is charged for that, and one that weighs
//! too much is refused.

use prost::Message as _;
use prost::bytes::Buf;
use prost::encoding::{WireType, decode_key, decode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};
use std::collections::{BTreeMap, HashMap};

/// What a message in a list may take in memory, about: the largest of the contract has some hundred
/// bytes of its own.
const MESSAGE: usize = 512;

/// What a text in a list may take besides its bytes.
const TEXT: usize = 48;

/// The most that the lists of a message may weigh; some hundred thousand messages.
pub(super) const MOST: usize = 64 << 20;

/// How deep messages nest at most where they are read.
const DEEP: usize = 100;

/// What a field is, as far as that matters here.
#[derive(Debug, Clone, Copy)]
enum Field {
    /// A text or bytes.
    Text { repeated: bool },
    /// A message, by its place.
    Message { place: usize, repeated: bool },
}

/// The fields of every message of the contract that have a length.
pub(super) struct Weights {
    messages: Vec<BTreeMap<u32, Field>>,
    /// The requests, by the path of their method.
    requests: HashMap<String, usize>,
}

impl Weights {
    /// Reads the descriptions of messages and methods.
    pub fn read(descriptors: &[u8]) -> Result<Self, prost::DecodeError> {
        let set = FileDescriptorSet::decode(descriptors)?;
        let mut named = Vec::new();
        for file in &set.file {
            for message in &file.message_type {
                collect(&mut named, &format!(".{}", file.package()), message);
            }
        }
        let places: HashMap<&str, usize> = named
            .iter()
            .enumerate()
            .map(|(place, (name, _))| (name.as_str(), place))
            .collect();
        let fields = |message: &DescriptorProto| {
            let fields = message.field.iter().filter_map(|field| {
                let repeated = field.label() == Label::Repeated;
                let what = match field.r#type() {
                    Type::String | Type::Bytes => Field::Text { repeated },
                    Type::Message => Field::Message {
                        place: *places.get(field.type_name())?,
                        repeated,
                    },
                    _ => return None,
                };
                Some((u32::try_from(field.number()).ok()?, what))
            });
            fields.collect()
        };
        let mut requests = HashMap::new();
        for file in &set.file {
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                    if let Some(place) = places.get(method.input_type()) {
                        requests.insert(path, *place);
                    }
                }
            }
        }
        Ok(Self {
            messages: named.iter().map(|(_, message)| fields(message)).collect(),
            requests,
        })
    }

    /// Weighs a message of a method: what its lists take in memory besides the bytes on the wire,
    /// as far as [`MOST`]. What cannot be read weighs what comes before that; reading it says so.
    pub fn weigh(&self, path: &str, message: &[u8]) -> usize {
        let Some(place) = self.requests.get(path) else {
            return 0;
        };
        // The messages that are open, and where each ends.
        let mut open = vec![(*place, message.len())];
        let (mut at, mut weight) = (0, 0_usize);
        while let Some(&(place, end)) = open.last() {
            if weight > MOST {
                return weight;
            }
            if at >= end {
                open.pop();
                continue;
            }
            let mut rest = &message[at..end];
            let Some((number, wire)) = decode_key(&mut rest).ok() else {
                return weight;
            };
            let skipped = match wire {
                WireType::Varint => decode_varint(&mut rest).is_ok().then_some(0),
                WireType::SixtyFourBit => Some(8),
                WireType::ThirtyTwoBit => Some(4),
                WireType::LengthDelimited => {
                    let length = decode_varint(&mut rest).ok();
                    length.and_then(|length| usize::try_from(length).ok())
                }
                // Nobody sends groups; reading them gives up by itself.
                WireType::StartGroup | WireType::EndGroup => None,
            };
            let Some(length) = skipped.filter(|length| *length <= rest.remaining()) else {
                return weight;
            };
            let begins = end - rest.remaining();
            at = begins + length;
            let field = self
                .messages
                .get(place)
                .and_then(|fields| fields.get(&number));
            match field {
                Some(Field::Text { repeated: true }) => weight = weight.saturating_add(TEXT),
                Some(Field::Message { place, repeated }) if wire == WireType::LengthDelimited => {
                    if *repeated {
                        weight = weight.saturating_add(MESSAGE);
                    }
                    if open.len() >= DEEP {
                        return weight;
                    }
                    open.push((*place, at));
                    at = begins;
                }
                _ => {}
            }
        }
        weight
    }
}

/// Collects messages, and those within them, by their full names.
fn collect<'a>(
    into: &mut Vec<(String, &'a DescriptorProto)>,
    within: &str,
    message: &'a DescriptorProto,
) {
    let name = format!("{within}.{}", message.name());
    for nested in &message.nested_type {
        collect(into, &name, nested);
    }
    into.push((name, message));
}

#[cfg(test)]
mod tests {
    use super::*;
    use standing_proto::{FILE_DESCRIPTOR_SET, v1};

    const RECORD: &str = "/standing.v1.LedgerService/Record";

    #[test]
    fn lists_weigh_what_they_become() {
        let weights = Weights::read(FILE_DESCRIPTOR_SET).unwrap();
        let weigh = |message: &v1::RecordRequest| weights.weigh(RECORD, &message.encode_to_vec());
        let empty = v1::RecordRequest::default();
        assert_eq!(weigh(&empty), 0);
        let drafts = v1::RecordRequest {
            drafts: vec![v1::Draft::default(); 1_000],
            ..empty.clone()
        };
        assert_eq!(weigh(&drafts), 1_000 * MESSAGE);
        assert!(size_of::<v1::Draft>() <= 2 * MESSAGE);
        // Lists within what is sent once count too.
        let attendance = v1::AttendanceRecorded {
            present: vec![String::new(); 50],
            ..v1::AttendanceRecorded::default()
        };
        let attended = v1::RecordRequest {
            drafts: vec![v1::Draft {
                event: Some(v1::draft::Event::AttendanceRecorded(attendance)),
                ..v1::Draft::default()
            }],
            ..empty
        };
        assert!(weigh(&attended) >= MESSAGE + 50 * TEXT);
    }

    #[test]
    fn every_method_is_known_and_garbage_weighs_nothing() {
        let weights = Weights::read(FILE_DESCRIPTOR_SET).unwrap();
        assert!(weights.requests.len() >= 26, "{}", weights.requests.len());
        for garbage in [
            &[0xff; 40][..],
            &[0x12, 0xff, 0xff, 0xff, 0x7f],
            &[0x0b; 9],
            &[],
        ] {
            assert_eq!(weights.weigh(RECORD, garbage), 0);
        }
        assert_eq!(weights.weigh("/nowhere", &[0x12, 0]), 0);
    }
}
