//! What the reader of messages lets pass or cannot place: fields given twice, and where a field
//! stands that the message does not have.

use prost_reflect::{EnumDescriptor, Kind, MessageDescriptor};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use standing_domain::text::{nearest, suggestion};
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
                Some(field) => match field.kind() {
                    Kind::Message(inner) if !inner.full_name().starts_with("google.") => {
                        map.next_value_seed(Inner(&Shape(&inner)))?;
                    }
                    Kind::Enum(values) => map.next_value_seed(Value(&values))?,
                    _ => _ = map.next_value::<IgnoredAny>()?,
                },
            }
        }
        Ok(())
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

/// A value of an enum, or a list of them: a name that the enum does not have is told with those
/// that it has.
struct Value<'a>(&'a EnumDescriptor);

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a value of {}", self.0.full_name())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Value(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<(), E> {
        if self.0.get_value_by_name(name).is_some() {
            return Ok(());
        }
        let zero = self.0.default_value();
        let values: Vec<String> = self
            .0
            .values()
            .filter(|value| value.number() != zero.number())
            .map(|value| value.name().to_owned())
            .collect();
        let near = nearest(name, values.iter().map(String::as_str));
        let (all, near) = (values.join(", "), suggestion(&near));
        Err(E::custom(format_args!("{name:?} is none of {all}{near}")))
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

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
