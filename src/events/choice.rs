//! Words that stand for one of a few choices: stored as a number, shown as a slug.

/// Text that names none of the choices.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoSuchChoice {
    /// What would have been understood.
    pub expected: &'static [&'static str],
}

impl std::fmt::Display for NoSuchChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "expected one of {}", self.expected.join(", "))
    }
}

impl std::error::Error for NoSuchChoice {}

/// An enum without values: its variants with their slugs, stated once. A macro, because it must define types.
macro_rules! choice {
    (
        $(#[$doc:meta])*
        $name:ident { $( $(#[$variant_doc:meta])* $variant:ident = $slug:literal, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name {
            $( $(#[$variant_doc])* $variant, )*
        }

        impl $name {
            /// Every choice, in the order of its stored numbers.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )* ];
            /// The slug of every choice.
            pub const SLUGS: &'static [&'static str] = &[ $( $slug, )* ];

            /// The slug that stands for it outside.
            pub fn slug(self) -> &'static str {
                match self {
                    $( $name::$variant => $slug, )*
                }
            }

            /// The choice that `slug` stands for. Errors: it stands for none; the error lists what would do.
            pub fn parse(slug: &str) -> Result<$name, crate::NoSuchChoice> {
                let found = Self::ALL.iter().find(|choice| choice.slug() == slug);
                found.copied().ok_or(crate::NoSuchChoice { expected: Self::SLUGS })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.slug())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                if to.is_human_readable() { to.serialize_str(self.slug()) } else { to.serialize_u8(*self as u8) }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                if from.is_human_readable() {
                    let slug = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                    return Self::parse(&slug).map_err(serde::de::Error::custom);
                }
                let number = <u8 as serde::Deserialize>::deserialize(from)?;
                let found = Self::ALL.get(usize::from(number)).copied();
                found.ok_or_else(|| serde::de::Error::custom(concat!("no such ", stringify!($name))))
            }
        }
    };
}

pub(crate) use choice;
