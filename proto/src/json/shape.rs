//! What the reader of messages lets pass or cannot place: fields given twice, and where a field
//! stands that the message does not have.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// Judges the names of the fields of a message, and of the messages in it; the values are judged
/// when the message is read.
pub(super) struct Shape<'a>(pub(super) &'a MessageDescriptor);

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an object with the fields of {}", self.0.full_name())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let field = self
                .0
                .get_field_by_json_name(&key)
                .or_else(|| self.0.get_field_by_name(&key));
            match field {
                None => map.next_value_seed(Fault("unknown field"))?,
                Some(field) if !seen.insert(field.number()) => {
                    map.next_value_seed(Fault("the field is given twice"))?;
                }
                Some(field) => match message(&field) {
                    Some(inner) => map.next_value_seed(Inner(&Shape(&inner)))?,
                    None => _ = map.next_value::<IgnoredAny>()?,
                },
            }
        }
        Ok(())
    }
}

/// Returns the message in a field whose names are to be judged; the contract has no maps.
fn message(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    match field.kind() {
        Kind::Message(inner) if !inner.full_name().starts_with("google.") => Some(inner),
        _ => None,
    }
}

/// One message or a list of them. Anything else passes here.
struct Inner<'a>(&'a Shape<'a>);

impl<'de> DeserializeSeed<'de> for Inner<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inner<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        Shape(self.0.0).visit_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Inner(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Refuses a value, so that the fault is placed at its field.
struct Fault(&'static str);

impl<'de> DeserializeSeed<'de> for Fault {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::custom(self.0))
    }
}
