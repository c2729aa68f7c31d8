//! Bodies as tables: the same values that a route answers, walked through as they are serialised, so that a report's
//! export has what its JSON has.
//!
//! Amounts and shares are told by the names of their types ([`Minor`](super::figures::Minor),
//! [`Share`](super::figures::Share)), which JSON does not show.

use std::fmt::Display;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};

/// A value of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// Text.
    Text(String),
    /// A count.
    Integer(i64),
    /// An amount in minor units.
    Minor(i64),
    /// A part of one, by its digits.
    Share(String),
    /// Another number, by its digits.
    Decimal(String),
    /// True or false.
    Boolean(bool),
}

/// Rows that are alike, under the names that their values have in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The name that the rows have in JSON; of a report's single values `summary`.
    pub name: String,
    /// Names of the values.
    pub columns: Vec<String>,
    /// The values, as many in each row as there are columns.
    pub rows: Vec<Vec<Value>>,
}

/// The tables of a body, in its order: one for each list, and one for what is single.
pub fn tables(body: &impl Serialize) -> Result<Vec<Rows>, Unfit> {
    let Tree::Fields(fields) = body.serialize(Builder)? else {
        return Err(ser::Error::custom("a body has names for what it holds"));
    };
    let mut single = Rows { name: "summary".to_owned(), columns: Vec::new(), rows: vec![Vec::new()] };
    let mut tables = Vec::new();
    for (name, tree) in fields {
        match tree {
            Tree::List(items) => tables.push(list(name, items)),
            Tree::Fields(_) if name != single.name => tables.push(list(name, vec![tree])),
            tree => {
                let prefix = if name == single.name { String::new() } else { name };
                flatten(&prefix, tree, &mut |column, value| {
                    single.columns.push(column);
                    single.rows[0].push(value);
                });
            }
        }
    }
    if !single.columns.is_empty() {
        tables.insert(0, single);
    }
    Ok(tables)
}

/// Rows of the same type have the same columns; without a row there are none.
fn list(name: String, items: Vec<Tree>) -> Rows {
    let mut rows = Rows { name, columns: Vec::new(), rows: Vec::with_capacity(items.len()) };
    for item in items {
        let (mut columns, mut row) = (Vec::new(), Vec::new());
        flatten("", item, &mut |column, value| {
            columns.push(column);
            row.push(value);
        });
        rows.columns = columns;
        rows.rows.push(row);
    }
    rows
}

fn flatten(prefix: &str, tree: Tree, take: &mut impl FnMut(String, Value)) {
    match tree {
        Tree::Leaf(value) => take(prefix.to_owned(), value),
        Tree::Fields(fields) => {
            for (name, tree) in fields {
                let name = if prefix.is_empty() { name } else { format!("{prefix} {name}") };
                flatten(&name, tree, take);
            }
        }
        // A list within a row has no place in a table.
        Tree::List(items) => {
            take(prefix.to_owned(), Value::Integer(items.len().try_into().unwrap_or(i64::MAX)));
        }
    }
}

/// A body as it is built.
#[derive(Clone, Debug)]
pub enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Fields(Vec<(String, Tree)>),
}

/// What has no place in a table.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(String);

impl ser::Error for Unfit {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

struct Builder;

/// Fields in their order, or items.
#[derive(Default)]
pub struct Parts {
    fields: Vec<(String, Tree)>,
    items: Vec<Tree>,
    key: Option<String>,
}

/// What `serde_json` calls a number that is written by its digits.
const DIGITS: &str = "$serde_json::private::RawValue";

#[expect(clippy::unnecessary_wraps, reason = "a serializer answers so")]
fn leaf(value: Value) -> Result<Tree, Unfit> {
    Ok(Tree::Leaf(value))
}

fn integer(value: impl TryInto<i64> + Display + Copy) -> Result<Tree, Unfit> {
    value.try_into().map(Value::Integer).map(Tree::Leaf).map_err(|_| Unfit(format!("{value} is too large")))
}

macro_rules! integers {
    ($($name:ident: $type:ty),+) => {
        $(fn $name(self, value: $type) -> Result<Tree, Unfit> {
            integer(value)
        })+
    };
}

impl Serializer for Builder {
    type Ok = Tree;
    type Error = Unfit;
    type SerializeSeq = Parts;
    type SerializeTuple = Impossible<Tree, Unfit>;
    type SerializeTupleStruct = Impossible<Tree, Unfit>;
    type SerializeTupleVariant = Impossible<Tree, Unfit>;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Impossible<Tree, Unfit>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_u8: u8,
        serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );

    fn serialize_bool(self, value: bool) -> Result<Tree, Unfit> {
        leaf(Value::Boolean(value))
    }

    fn serialize_f32(self, _: f32) -> Result<Tree, Unfit> {
        Err(Unfit("a float is no figure".to_owned()))
    }

    fn serialize_f64(self, _: f64) -> Result<Tree, Unfit> {
        Err(Unfit("a float is no figure".to_owned()))
    }

    fn serialize_char(self, value: char) -> Result<Tree, Unfit> {
        leaf(Value::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Tree, Unfit> {
        leaf(Value::Text(value.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Tree, Unfit> {
        Err(Unfit("bytes are no figure".to_owned()))
    }

    fn serialize_none(self) -> Result<Tree, Unfit> {
        leaf(Value::Empty)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Tree, Unfit> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Tree, Unfit> {
        leaf(Value::Empty)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Tree, Unfit> {
        leaf(Value::Empty)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<Tree, Unfit> {
        leaf(Value::Text(name.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Tree, Unfit> {
        match (name, value.serialize(self)?) {
            ("Minor", Tree::Leaf(Value::Integer(minor))) => leaf(Value::Minor(minor)),
            ("Share", Tree::Leaf(Value::Decimal(digits))) => leaf(Value::Share(digits)),
            (_, tree) => Ok(tree),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<Tree, Unfit> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Unfit> {
        Ok(Parts::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unfit> {
        Err(Unfit("a tuple has no names".to_owned()))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Unfit> {
        Err(Unfit("a tuple has no names".to_owned()))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unfit> {
        Err(Unfit("a tuple has no names".to_owned()))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Unfit> {
        Ok(Parts::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts, Unfit> {
        Ok(Parts::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unfit> {
        Err(Unfit("a variant has no place in a table".to_owned()))
    }
}

impl SerializeSeq for Parts {
    type Ok = Tree;
    type Error = Unfit;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        self.items.push(value.serialize(Builder)?);
        Ok(())
    }

    fn end(self) -> Result<Tree, Unfit> {
        Ok(Tree::List(self.items))
    }
}

impl SerializeStruct for Parts {
    type Ok = Tree;
    type Error = Unfit;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Unfit> {
        self.fields.push((name.to_owned(), value.serialize(Builder)?));
        Ok(())
    }

    fn end(mut self) -> Result<Tree, Unfit> {
        match self.fields.pop() {
            Some((name, Tree::Leaf(Value::Text(digits)))) if name == DIGITS => leaf(Value::Decimal(digits)),
            last => {
                self.fields.extend(last);
                Ok(Tree::Fields(self.fields))
            }
        }
    }
}

impl SerializeMap for Parts {
    type Ok = Tree;
    type Error = Unfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unfit> {
        match key.serialize(Builder)? {
            Tree::Leaf(Value::Text(key)) => self.key = Some(key),
            other => return Err(Unfit(format!("{other:?} is no name"))),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unfit> {
        let name = self.key.take().unwrap_or_default();
        self.fields.push((name, value.serialize(Builder)?));
        Ok(())
    }

    fn end(self) -> Result<Tree, Unfit> {
        Ok(Tree::Fields(self.fields))
    }
}
