//! What an expression comes to for a row.

use rust_decimal::Decimal;

use super::expression::{Aggregate, AggregateKind, Expression, Operator};
use super::function::Function;
use super::lookup::Lookup;
use super::value::{NoValue, Value, add, multiply};

/// What an expression may look at.
pub struct Context<'a, 'r> {
    /// The row's columns in use.
    pub row: &'a dyn Fn(usize) -> Option<&'r str>,
    /// Tables by place, where they are looked up in.
    pub lookups: &'a [Option<Lookup>],
    /// What the group's rows came to.
    pub aggregates: &'a [Value],
    /// The row's number within its group.
    pub number: u64,
}

impl Expression {
    /// Its value for a row.
    pub fn value(&self, context: &Context<'_, '_>) -> Result<Value, NoValue> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Column(place) => {
                (context.row)(*place).map_or(Value::Absent, |text| Value::Text(text.to_owned()))
            }
            Self::Not(of) => Value::Truth(!of.value(context)?.truth()?),
            Self::Negative(of) => {
                of.value(context)?.number()?.map_or(Value::Absent, |number| Value::Number(-number))
            }
            Self::Binary(operator, one, two) => binary(*operator, one, two, context)?,
            Self::Call(function, arguments) => call(*function, arguments, context)?,
            Self::Lookup { table, column, key } => match key.value(context)?.into_text() {
                None => Value::Absent,
                Some(key) => match context.lookups.get(*table).and_then(Option::as_ref) {
                    None => Value::Absent,
                    Some(lookup) => lookup.find(&key, *column)?.map_or(Value::Absent, Value::Text),
                },
            },
            Self::Aggregate(place) => context.aggregates.get(*place).cloned().unwrap_or(Value::Absent),
            Self::RowNumber => Value::Number(context.number.into()),
        })
    }
}

fn binary(
    operator: Operator,
    one: &Expression,
    two: &Expression,
    context: &Context<'_, '_>,
) -> Result<Value, NoValue> {
    let one = one.value(context)?;
    match operator {
        Operator::Or => return Ok(Value::Truth(one.truth()? || two.value(context)?.truth()?)),
        Operator::And => return Ok(Value::Truth(one.truth()? && two.value(context)?.truth()?)),
        _ => {}
    }
    let two = two.value(context)?;
    let truth = |known: Option<bool>| known.map_or(Value::Absent, Value::Truth);
    let order = |holds: fn(std::cmp::Ordering) -> bool| Ok(truth(one.compare(&two)?.map(holds)));
    match operator {
        Operator::Equal => Ok(truth(one.equals(&two)?)),
        Operator::Different => Ok(truth(one.equals(&two)?.map(|same| !same))),
        Operator::Less => order(std::cmp::Ordering::is_lt),
        Operator::AtMost => order(std::cmp::Ordering::is_le),
        Operator::Greater => order(std::cmp::Ordering::is_gt),
        Operator::AtLeast => order(std::cmp::Ordering::is_ge),
        _ => {
            let (Some(one), Some(two)) = (one.number()?, two.number()?) else { return Ok(Value::Absent) };
            arithmetic(operator, one, two).map(Value::Number)
        }
    }
}

fn arithmetic(operator: Operator, one: Decimal, two: Decimal) -> Result<Decimal, NoValue> {
    match operator {
        Operator::Subtract => add(one, -two),
        Operator::Multiply => multiply(one, two),
        Operator::Divide if two.is_zero() => Err(NoValue::because("division by zero")),
        Operator::Divide => {
            one.checked_div(two).ok_or_else(|| NoValue::because("a quotient has more than 28 digits"))
        }
        _ => add(one, two),
    }
}

fn call(function: Function, arguments: &[Expression], context: &Context<'_, '_>) -> Result<Value, NoValue> {
    match (function, arguments) {
        (Function::If, [condition, then, otherwise]) => {
            if condition.value(context)?.truth()? {
                then.value(context)
            } else {
                otherwise.value(context)
            }
        }
        (Function::Coalesce, _) => {
            for argument in arguments {
                let value = argument.value(context)?;
                if value != Value::Absent {
                    return Ok(value);
                }
            }
            Ok(Value::Absent)
        }
        (Function::Choose, [value, cases @ .., otherwise]) => {
            let value = value.value(context)?;
            for case in cases.chunks_exact(2) {
                if value.equals(&case[0].value(context)?)? == Some(true) {
                    return case[1].value(context);
                }
            }
            otherwise.value(context)
        }
        _ => {
            let values: Result<Vec<Value>, NoValue> =
                arguments.iter().map(|argument| argument.value(context)).collect();
            function.call(&values?)
        }
    }
}

impl Aggregate {
    /// What it is before the first row.
    pub fn start(&self) -> Value {
        if self.kind == AggregateKind::Count { Value::Number(Decimal::ZERO) } else { Value::Absent }
    }

    /// Takes a row in.
    pub fn take(&self, so_far: &mut Value, context: &Context<'_, '_>) -> Result<(), NoValue> {
        let value = match self.of.value(context)? {
            Value::Absent => return Ok(()),
            _ if self.kind == AggregateKind::Count => Value::Number(Decimal::ONE),
            value => value,
        };
        self.combine(so_far, value)
    }

    /// Takes in what later rows came to.
    pub fn combine(&self, so_far: &mut Value, later: Value) -> Result<(), NoValue> {
        if later == Value::Absent {
            return Ok(());
        }
        let is_taken = match self.kind {
            AggregateKind::First => *so_far == Value::Absent,
            AggregateKind::Last => true,
            AggregateKind::Min => later.compare(so_far)?.is_none_or(std::cmp::Ordering::is_lt),
            AggregateKind::Max => later.compare(so_far)?.is_none_or(std::cmp::Ordering::is_gt),
            AggregateKind::Sum | AggregateKind::Count => {
                let sum = add(so_far.number()?.unwrap_or_default(), later.number()?.unwrap_or_default())?;
                *so_far = Value::Number(sum);
                false
            }
        };
        if is_taken {
            *so_far = later;
        }
        Ok(())
    }
}
