//! A mapping's expression, parsed and tied to its columns.

use super::function::Function;
use super::value::Value;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value that is written out.
    Literal(Value),
    /// A column of the row, by its place among the columns in use.
    Column(usize),
    /// `not`.
    Not(Box<Expression>),
    /// A minus sign in front.
    Negative(Box<Expression>),
    /// Two values and a sign between them.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A function of values.
    Call(Function, Vec<Expression>),
    /// A column of the row of another table that has this key.
    Lookup {
        /// The table's place.
        table: usize,
        /// The column's place among those that are looked up in it.
        column: usize,
        /// The key.
        key: Box<Expression>,
    },
    /// What a group's rows come to, by the place of the aggregate.
    Aggregate(usize),
    /// The number of the row within its group, from 1.
    RowNumber,
}

/// A sign between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `=`
    Equal,
    /// `!=` or `<>`
    Different,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

/// What the rows of a group come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// How.
    pub kind: AggregateKind,
    /// Of what.
    pub of: Expression,
}

/// How the rows of a group are brought to one value; absent values are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateKind {
    /// The sum; nothing where no row has a value.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The first.
    First,
    /// The last.
    Last,
    /// How many rows have a value.
    Count,
}

impl AggregateKind {
    /// The aggregate of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sum" => Self::Sum,
            "min" => Self::Min,
            "max" => Self::Max,
            "first" => Self::First,
            "last" => Self::Last,
            "count" => Self::Count,
            _ => return None,
        })
    }
}

impl Expression {
    /// Whether it, or a part of it, is an aggregate.
    pub fn holds_aggregate(&self) -> bool {
        match self {
            Self::Aggregate(_) => true,
            Self::Literal(_) | Self::Column(_) | Self::RowNumber => false,
            Self::Not(of) | Self::Negative(of) => of.holds_aggregate(),
            Self::Binary(_, one, two) => one.holds_aggregate() || two.holds_aggregate(),
            Self::Call(_, of) => of.iter().any(Self::holds_aggregate),
            Self::Lookup { key, .. } => key.holds_aggregate(),
        }
    }

    /// How many parts it has.
    pub fn size(&self) -> usize {
        1 + match self {
            Self::Literal(_) | Self::Column(_) | Self::Aggregate(_) | Self::RowNumber => 0,
            Self::Not(of) | Self::Negative(of) => of.size(),
            Self::Binary(_, one, two) => one.size() + two.size(),
            Self::Call(_, of) => of.iter().map(Self::size).sum(),
            Self::Lookup { key, .. } => key.size(),
        }
    }
}
