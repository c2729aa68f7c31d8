//! Bodies as tables: the same values that a route answers, walked through as they are serialised, so that a report's
//! export has what its JSON has.
//!
//! Amounts are told by the name of their type ([`Minor`](super::figures::Minor)), which JSON does not show; what else a
//! column holds is told by the type of the body.

mod shape;

use std::fmt::Display;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use utoipa::ToSchema;

use shape::Shape;
pub use shape::Sort;

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
    /// A number that is no count, by its digits.
    Decimal(String),
    /// True or false.
    Boolean(bool),
}

/// Rows that are alike, under the names that their values have in JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The name that the rows have in JSON; of a report's single values `summary`.
    pub name: String,
    /// Names of the values, and what they are.
    pub columns: Vec<(String, Sort)>,
    /// The values, as many in each row as there are columns.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), columns: Vec::new(), rows: Vec::new() }
    }
}

/// The tables of a body, in its order: one for what is single, then one for each list, without rows also.
pub fn tables<T: Serialize + ToSchema>(body: &T) -> Result<Vec<Rows>, Unfit> {
    let (Shape::Fields(shapes), Tree::Fields(mut values)) = (Shape::of::<T>(), body.serialize(Builder)?)
    else {
        return Err(ser::Error::custom("a body has names for what it holds"));
    };
    let mut single = Rows { rows: vec![Vec::new()], ..Rows::new("summary") };
    let mut tables = Vec::new();
    for (name, shape) in shapes {
        let value = taken(&mut values, &name);
        match (shape, value) {
            (Shape::List(each), Tree::List(items)) => {
                let mut rows = Rows::new(&name);
                headings("", &each, &mut rows.columns);
                for item in items {
                    rows.rows.push(row(&each, item)?);
                }
                tables.push(rows);
            }
            (shape @ Shape::Fields(_), value) if name != single.name => {
                let mut rows = Rows::new(&name);
                headings("", &shape, &mut rows.columns);
                rows.rows.push(row(&shape, value)?);
                tables.push(rows);
            }
            (shape, value) => {
                headings(if name == single.name { "" } else { &name }, &shape, &mut single.columns);
                single.rows[0].extend(row(&shape, value)?);
            }
        }
    }
    if !single.columns.is_empty() {
        tables.insert(0, single);
    }
    Ok(tables)
}

/// What a field holds; nothing where it is left out.
fn taken(fields: &mut Vec<(String, Tree)>, name: &str) -> Tree {
    let place = fields.iter().position(|(other, _)| other == name);
    place.map_or(Tree::Leaf(Value::Empty), |place| fields.swap_remove(place).1)
}

fn headings(prefix: &str, shape: &Shape, columns: &mut Vec<(String, Sort)>) {
    match shape {
        Shape::Leaf(sort) => columns.push((prefix.to_owned(), *sort)),
        // A list within a row has no place in a table but for how many there are.
        Shape::List(_) => columns.push((prefix.to_owned(), Sort::Integer)),
        Shape::Fields(fields) => {
            for (name, shape) in fields {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix} {name}") };
                headings(&name, shape, columns);
            }
        }
    }
}

fn row(shape: &Shape, value: Tree) -> Result<Vec<Value>, Unfit> {
    let unfit = |value| Err(Unfit(format!("{value:?} is not of {shape:?}")));
    match (shape, value) {
        (Shape::Leaf(_), Tree::Leaf(value)) => Ok(vec![value]),
        (Shape::List(_), Tree::List(items)) => {
            Ok(vec![Value::Integer(items.len().try_into().unwrap_or(i64::MAX))])
        }
        (Shape::List(_), Tree::Leaf(Value::Empty)) => Ok(vec![Value::Empty]),
        (Shape::Fields(shapes), value @ (Tree::Fields(_) | Tree::Leaf(Value::Empty))) => {
            let mut values = if let Tree::Fields(values) = value { values } else { Vec::new() };
            let mut all = Vec::new();
            for (name, shape) in shapes {
                all.extend(row(shape, taken(&mut values, name))?);
            }
            if values.is_empty() { Ok(all) } else { unfit(Tree::Fields(values)) }
        }
        (_, value) => unfit(value),
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
