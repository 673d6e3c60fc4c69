//! Messages as fields, whatever they mean.

use crate::mutate::Mutator;
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint};

/// How deep messages are taken apart.
const DEPTH: usize = 12;

#[derive(Clone, Debug)]
struct Field {
    number: u32,
    value: Value,
}

#[derive(Clone, Debug)]
enum Value {
    Varint(u64),
    Fixed64([u8; 8]),
    Fixed32([u8; 4]),
    Bytes(Vec<u8>),
    Message(Vec<Field>),
}

/// Changes the fields of a message, and their order; takes some from another.
pub fn mutate(message: &mut Vec<u8>, other: &[u8], by: &mut Mutator) {
    let Some(mut fields) = read(message, DEPTH) else {
        return by.bytes(message);
    };
    let mut theirs = Vec::new();
    gather(&read(other, DEPTH).unwrap_or_default(), &mut theirs);
    for _ in 0..by.times() {
        change(&mut fields, &theirs, by);
    }
    message.clear();
    write(&fields, message);
}

fn change(fields: &mut Vec<Field>, theirs: &[Field], by: &mut Mutator) {
    let at = by.dice.usize(0..=fields.len());
    let Some(field) = fields.get_mut(at) else {
        if let Some(field) = by.dice.choice(theirs) {
            fields.push(field.clone());
        }
        return;
    };
    match (&mut field.value, by.dice.u8(0..10)) {
        (Value::Message(inner), 0..=6) => change(inner, theirs, by),
        (_, 0) => drop(fields.remove(at)),
        (_, 1) => {
            let copy = field.clone();
            fields.insert(at, copy);
        }
        (_, 2) => {
            let to = by.dice.usize(0..fields.len());
            fields.swap(at, to);
        }
        (_, 3) => field.number = by.dice.u32(1..24),
        (value, 4 | 5) => {
            let same = |other: &&Field| {
                std::mem::discriminant(&other.value) == std::mem::discriminant(value)
            };
            let alike: Vec<&Field> = theirs.iter().filter(same).collect();
            if let Some(other) = by.dice.choice(alike) {
                *value = other.value.clone();
            }
        }
        (value, _) => value.mutate(by),
    }
}

impl Value {
    fn mutate(&mut self, by: &mut Mutator) {
        match self {
            Self::Varint(number) if by.dice.bool() => *number = by.turn(),
            Self::Varint(number) => by.value(number),
            Self::Fixed64(bytes) => *bytes = by.turn().to_le_bytes(),
            Self::Fixed32(bytes) => by.value(bytes),
            Self::Bytes(bytes) => by.bytes(bytes),
            Self::Message(fields) => {
                let mut bytes = Vec::new();
                write(fields, &mut bytes);
                by.bytes(&mut bytes);
                *self = Self::Bytes(bytes);
            }
        }
    }
}

/// Gathers all fields, however deep.
fn gather(fields: &[Field], into: &mut Vec<Field>) {
    for field in fields {
        into.push(field.clone());
        if let Value::Message(inner) = &field.value {
            gather(inner, into);
        }
    }
}

fn read(mut bytes: &[u8], depth: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let (number, wire) = decode_key(&mut bytes).ok()?;
        let value = match wire {
            WireType::Varint => Value::Varint(decode_varint(&mut bytes).ok()?),
            WireType::SixtyFourBit => Value::Fixed64(*bytes.split_off(..8)?.first_chunk()?),
            WireType::ThirtyTwoBit => Value::Fixed32(*bytes.split_off(..4)?.first_chunk()?),
            WireType::LengthDelimited => {
                let length = usize::try_from(decode_varint(&mut bytes).ok()?).ok()?;
                let inner = bytes.split_off(..length)?;
                let is_text = inner.iter().all(|byte| (b' '..=b'~').contains(byte));
                let fields = (depth > 0 && !is_text).then(|| read(inner, depth - 1));
                let message = fields.flatten().map(Value::Message);
                message.unwrap_or_else(|| Value::Bytes(inner.to_vec()))
            }
            WireType::StartGroup | WireType::EndGroup => return None,
        };
        fields.push(Field { number, value });
    }
    Some(fields)
}

fn write(fields: &[Field], out: &mut Vec<u8>) {
    for Field { number, value } in fields {
        match value {
            Value::Varint(varint) => {
                encode_key(*number, WireType::Varint, out);
                encode_varint(*varint, out);
            }
            Value::Fixed64(bytes) => {
                encode_key(*number, WireType::SixtyFourBit, out);
                out.extend(bytes);
            }
            Value::Fixed32(bytes) => {
                encode_key(*number, WireType::ThirtyTwoBit, out);
                out.extend(bytes);
            }
            Value::Bytes(bytes) => delimited(*number, bytes, out),
            Value::Message(fields) => {
                let mut bytes = Vec::new();
                write(fields, &mut bytes);
                delimited(*number, &bytes, out);
            }
        }
    }
}

fn delimited(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend(bytes);
}
