//! Requests of all methods: each is answered or refused for what is wrong with it, never for what
//! is wrong with the server.

use crate::engine::Target;
use crate::mutate::Mutator;
use crate::wire;
use crate::world::{LEAGUE, World, is_fault};
use prost::Message as _;
use prost_reflect::{
    Cardinality, DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor,
    MethodDescriptor, Value,
};
use standing_proto::FILE_DESCRIPTOR_SET;
use standing_proto::json::parse_jsonl;
use standing_proto::v1::RecordRequest;
use std::time::Duration;
use tonic::Status;

/// What records: its calls are what later ones depend on.
const RECORDING: &str = "Record";

/// After how many bytes of calls that recorded something the ledger begins anew.
const MOST: usize = 32 << 10;

/// What a field of such a name may say of the league.
const WORDS: [(&str, &str); 15] = [
    ("party", "north"),
    ("right", "vote"),
    ("body", "assembly"),
    ("class", "full"),
    ("office", "secretary"),
    ("committee", "culture"),
    ("on", "2013-05-01"),
    ("first_day", "2001-01-01"),
    ("last_day", "2020-12-31"),
    ("day", "2012-07-31"),
    ("request_id", "fuzz"),
    ("language", "en"),
    ("kinds", "member_admitted"),
    ("session", "assembly/2"),
    ("actor", "local/operator"),
];

/// Calls follow each other in an input: the number of the method, the length of the message, the
/// message.
pub struct Requests {
    world: World,
    methods: Vec<MethodDescriptor>,
    recorded: Vec<u8>,
    /// How many calls took long.
    slow: u32,
}

/// A call that takes longer waits for a position that is not there yet, as it may for a few
/// seconds. One of so many is waited for.
const SHORT: Duration = Duration::from_millis(300);
const WAITED_FOR: u32 = 16;

impl Target for Requests {
    const NAME: &'static str = "requests";

    fn start() -> Self {
        let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
        let services: Vec<_> = pool.services().collect();
        let methods = services
            .iter()
            .flat_map(prost_reflect::ServiceDescriptor::methods);
        Self {
            world: World::of(LEAGUE),
            methods: methods.collect(),
            recorded: Vec::new(),
            slow: 0,
        }
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        for (number, method) in self.methods.iter().enumerate() {
            for depth in [0, 1, 3] {
                let message = filled(&method.input(), depth).encode_to_vec();
                seeds.push(call(number, &message));
            }
            if method.name() == RECORDING {
                seeds.extend(records().iter().map(|message| call(number, message)));
            }
        }
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        let other = std::mem::take(&mut by.other);
        let other = calls(&other).next().map_or(&[][..], |(_, message)| message);
        let mut out = Vec::new();
        for (number, message) in calls(input).take(4) {
            let mut message = message.to_vec();
            let number = if by.dice.u8(0..16) == 0 {
                by.dice.u8(..)
            } else {
                number
            };
            match by.dice.u8(0..8) {
                0 => by.bytes(&mut message),
                _ => wire::mutate(&mut message, other, by),
            }
            out.extend(call(usize::from(number), &message));
        }
        *input = out;
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        if self.recorded.len() > MOST {
            *self = Self::start();
        }
        for (number, message) in calls(input) {
            let method = &self.methods[usize::from(number) % self.methods.len()];
            let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
            let head = self.world.recorder.ledger().head().position;
            let status = self.status(&path, message);
            if is_fault(status.code()) {
                return Err(format!("{path}: {status:?}"));
            }
            if self.world.recorder.ledger().head().position != head {
                self.recorded.extend(call(usize::from(number), message));
            }
        }
        Ok(())
    }

    fn before(&self) -> Vec<u8> {
        self.recorded.clone()
    }
}

impl Requests {
    /// Calls, and returns how it ended; as if well, where that is not waited for.
    fn status(&mut self, path: &str, message: &[u8]) -> Status {
        let messages = || vec![message.to_vec()];
        if let Some((_, status)) = self.world.call_within(SHORT, path, messages()) {
            return status;
        }
        self.slow += 1;
        if self.slow % WAITED_FOR != 1 {
            return Status::ok("");
        }
        self.world.call(path, messages(), &[]).1
    }
}

fn call(method: usize, message: &[u8]) -> Vec<u8> {
    let message = &message[..message.len().min(usize::from(u16::MAX))];
    let length = u16::try_from(message.len()).unwrap().to_le_bytes();
    let method = u8::try_from(method).unwrap();
    [&[method], &length[..], message].concat()
}

/// Reads calls; what is cut off is a shorter message.
fn calls(mut input: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (&[method, low, high], rest) = input.split_first_chunk()?;
        let length = usize::from(u16::from_le_bytes([low, high])).min(rest.len());
        let (message, rest) = rest.split_at(length);
        input = rest;
        Some((method, message))
    })
}

/// Requests that record the league, a draft each.
fn records() -> Vec<Vec<u8>> {
    let lines = LEAGUE.iter().flat_map(|file| parse_jsonl("league", file));
    let drafts = lines.map(|line| line.unwrap().1).enumerate();
    let requests = drafts.map(|(number, draft)| RecordRequest {
        request_id: format!("fuzz-{number}"),
        drafts: vec![draft],
        ..RecordRequest::default()
    });
    requests.map(|request| request.encode_to_vec()).collect()
}

/// Fills in a request: what there are words for, and so deep.
fn filled(message: &MessageDescriptor, depth: usize) -> DynamicMessage {
    let mut filled = DynamicMessage::new(message.clone());
    for field in message.fields() {
        let Some(value) = value(&field, depth) else {
            continue;
        };
        match field.cardinality() {
            Cardinality::Repeated => filled.set_field(&field, Value::List(vec![value])),
            _ => filled.set_field(&field, value),
        }
    }
    filled
}

fn value(field: &FieldDescriptor, depth: usize) -> Option<Value> {
    let word = WORDS.iter().find(|(name, _)| *name == field.name());
    Some(match field.kind() {
        _ if field.is_map() => return None,
        Kind::String => match word {
            Some((_, word)) => Value::String((*word).to_owned()),
            None if depth > 2 => Value::String("x".to_owned()),
            None => return None,
        },
        Kind::Message(message) if depth > 0 => Value::Message(filled(&message, depth - 1)),
        Kind::Enum(_) if depth > 0 => Value::EnumNumber(1),
        Kind::Uint32 if depth > 0 => Value::U32(2),
        Kind::Uint64 if depth > 0 => Value::U64(2),
        Kind::Bool if depth > 1 => Value::Bool(true),
        _ => return None,
    })
}
