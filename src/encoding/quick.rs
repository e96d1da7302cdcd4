//! Reading a payload quickly: bincode's standard configuration, read straight from memory and taken only as it is written.
//!
//! Most of what a ledger reads it wrote itself, and a history is read from its first entry to its last whenever views are
//! rebuilt. So there is this reader beside bincode's: it knows no limits because everything it reads lies before it, and tells
//! no errors. It takes a number only in its shortest form, a length only where so much is left, text only where it is UTF-8,
//! and therefore nothing but what writing the value again would give. Whatever it does not take is left to bincode, which
//! reads it again and says what is wrong (`docs/adr/0029-reading-quickly.md`).

use std::fmt::Display;

use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
};

/// Not taken. Why is not said.
#[derive(Debug)]
pub(crate) struct NotTaken;

impl Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not taken")
    }
}

impl std::error::Error for NotTaken {}

impl serde::de::Error for NotTaken {
    #[cold]
    fn custom<T: Display>(_: T) -> NotTaken {
        NotTaken
    }
}

/// The value that `bytes`, all of them, encode in the one way it is written; `None` where that is for bincode to say.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    let mut unread = Unread { bytes };
    let value = T::deserialize(&mut unread).ok()?;
    unread.bytes.is_empty().then_some(value)
}

/// The greatest number that is written as one byte; those above it are written behind a byte that says how long they are.
const GREATEST_IN_ONE: u8 = 250;

/// What was not read yet.
struct Unread<'de> {
    bytes: &'de [u8],
}

impl<'de> Unread<'de> {
    #[inline]
    fn byte(&mut self) -> Result<u8, NotTaken> {
        let (first, rest) = self.bytes.split_first().ok_or(NotTaken)?;
        self.bytes = rest;
        Ok(*first)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotTaken> {
        let (first, rest) = self.bytes.split_first_chunk::<N>().ok_or(NotTaken)?;
        self.bytes = rest;
        Ok(*first)
    }

    /// A number in its shortest form.
    #[inline]
    fn number(&mut self) -> Result<u64, NotTaken> {
        match self.byte()? {
            small @ ..=GREATEST_IN_ONE => Ok(u64::from(small)),
            mark => self.longer_number(mark),
        }
    }

    fn longer_number(&mut self, mark: u8) -> Result<u64, NotTaken> {
        let (number, shorter) = match mark {
            251 => (u64::from(u16::from_le_bytes(self.array()?)), u64::from(GREATEST_IN_ONE)),
            252 => (u64::from(u32::from_le_bytes(self.array()?)), u64::from(u16::MAX)),
            253 => (u64::from_le_bytes(self.array()?), u64::from(u32::MAX)),
            _ => return Err(NotTaken), // any other is of a width that nothing stored has
        };
        if number > shorter { Ok(number) } else { Err(NotTaken) }
    }

    /// A number that may be negative: its sign is the lowest bit.
    #[inline]
    fn signed(&mut self) -> Result<i64, NotTaken> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    #[inline]
    fn slice(&mut self) -> Result<&'de [u8], NotTaken> {
        let length = usize::try_from(self.number()?).map_err(|_| NotTaken)?;
        let (slice, rest) = self.bytes.split_at_checked(length).ok_or(NotTaken)?;
        self.bytes = rest;
        Ok(slice)
    }

    /// One of two: no, yes.
    #[inline]
    fn flag(&mut self) -> Result<bool, NotTaken> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(NotTaken), // any other byte is no flag
        }
    }
}

/// Numbers of one width: read, and taken where they fit.
macro_rules! numbers {
    ($($method:ident, $visit:ident, $read:ident;)*) => {
        $(
            #[inline]
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
                visitor.$visit(self.$read()?.try_into().map_err(|_| NotTaken)?)
            }
        )*
    };
}

/// What no stored type has.
macro_rules! not_stored {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NotTaken> {
                Err(NotTaken)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for &mut Unread<'de> {
    type Error = NotTaken;

    numbers! {
        deserialize_u16, visit_u16, number;
        deserialize_u32, visit_u32, number;
        deserialize_u64, visit_u64, number;
        deserialize_i16, visit_i16, signed;
        deserialize_i32, visit_i32, signed;
        deserialize_i64, visit_i64, signed;
    }

    not_stored! {
        deserialize_any deserialize_i8 deserialize_i128 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_map
        deserialize_identifier deserialize_ignored_any
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_bool(self.flag()?)
    }

    #[inline]
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_u8(self.byte()?)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_borrowed_str(std::str::from_utf8(self.slice()?).map_err(|_| NotTaken)?)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_borrowed_bytes(self.slice()?)
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        if self.flag()? { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        let left = usize::try_from(self.number()?).map_err(|_| NotTaken)?;
        // Each takes a byte at least: what is longer than what is left is damage, for which no memory is asked.
        if left > self.bytes.len() {
            return Err(NotTaken);
        }
        visitor.visit_seq(Elements { unread: self, left })
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Elements { unread: self, left })
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        left: usize,
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Elements { unread: self, left })
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Elements { unread: self, left: fields.len() })
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_enum(self)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// So many values, one after the other.
struct Elements<'a, 'de> {
    unread: &'a mut Unread<'de>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = NotTaken;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotTaken> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(&mut *self.unread).map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> EnumAccess<'de> for &mut Unread<'de> {
    type Error = NotTaken;
    type Variant = Self;

    #[inline]
    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), NotTaken> {
        let number = u32::try_from(self.number()?).map_err(|_| NotTaken)?;
        let number: U32Deserializer<NotTaken> = number.into_deserializer();
        Ok((seed.deserialize(number)?, self))
    }
}

impl<'de> VariantAccess<'de> for &mut Unread<'de> {
    type Error = NotTaken;

    #[inline]
    fn unit_variant(self) -> Result<(), NotTaken> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, NotTaken> {
        seed.deserialize(self)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Elements { unread: self, left })
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Elements { unread: self, left: fields.len() })
    }
}
