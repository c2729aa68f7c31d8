//! Names that a table holds as small numbers.

/// An enumeration that is stored as a number and told by its name.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $( $(#[doc = $doc:tt])+ $variant:ident = $code:literal $text:literal, )+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sea_orm::EnumIter, sea_orm::DeriveActiveEnum)]
        #[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
        pub enum $name { $( $(#[doc = $doc])+ #[sea_orm(num_value = $code)] $variant, )+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// Every value's name in imports and reports, with the number that the table holds.
            pub const CODES: &'static [(&'static str, i64)] = &[ $( ($text, $code), )+ ];

            /// The name that imports and reports use.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $text, )+ }
            }

            /// The number that the table holds.
            pub const fn code(self) -> i16 {
                match self { $( Self::$variant => $code, )+ }
            }
        }
    };
}

pub(crate) use codes;
