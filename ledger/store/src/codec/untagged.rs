//! Postcard of an enum without the number of its variant, which is known from elsewhere.

use postcard::ser_flavors::Flavor;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, Visitor};
use serde::{Deserialize, Serialize};

/// What postcard reads from.
pub(crate) type Input<'de> = postcard::Deserializer<'de, postcard::de_flavors::Slice<'de>>;

/// Appends a value.
pub(crate) fn write(value: &impl Serialize, out: &mut Vec<u8>) -> postcard::Result<()> {
    postcard::serialize_with_flavor(value, Output { out, in_tag: false })
}

/// Appends an enum's fields.
pub(crate) fn write_untagged(value: &impl Serialize, out: &mut Vec<u8>) -> postcard::Result<()> {
    postcard::serialize_with_flavor(value, Output { out, in_tag: true })
}

/// Reads an enum's fields, given the name of the variant.
pub(crate) fn read_untagged<'de, T: Deserialize<'de>>(
    variant: &'static str,
    input: &mut Input<'de>,
) -> postcard::Result<T> {
    T::deserialize(Named { variant, input })
}

/// Writes to a buffer; with `in_tag`, leaves out the number of the variant, a varint, which is what
/// postcard writes first of an enum.
struct Output<'a> {
    out: &'a mut Vec<u8>,
    in_tag: bool,
}

impl Flavor for Output<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        if self.in_tag {
            // The last byte of a varint has its high bit clear.
            self.in_tag = byte & 0x80 != 0;
        } else {
            self.out.push(byte);
        }
        Ok(())
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        if self.in_tag {
            return bytes.iter().try_for_each(|&byte| self.try_push(byte));
        }
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads an enum whose variant is known by name, from input that holds its fields only.
struct Named<'a, 'de> {
    variant: &'static str,
    input: &'a mut Input<'de>,
}

impl<'de> Deserializer<'de> for Named<'_, 'de> {
    type Error = postcard::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> postcard::Result<V::Value> {
        Err(postcard::Error::WontImplement)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> postcard::Result<V::Value> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'a, 'de> EnumAccess<'de> for Named<'a, 'de> {
    type Error = postcard::Error;
    type Variant = &'a mut Input<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> postcard::Result<(S::Value, Self::Variant)> {
        Ok((
            seed.deserialize(self.variant.into_deserializer())?,
            self.input,
        ))
    }
}
