//! Expressions by precedence: `or`, `and`, `not`, comparisons, `+ -`, `* /`, a sign in front, calls and parentheses.
//!
//! Total: any text comes to an expression or to what is wrong with it and where; depth and size are bounded.

use super::expression::{AggregateKind, Expression, Operator};
use super::function::Function;
use super::lexer::{Misspelt, Token, tokens};
use super::value::{Value, decimal};

/// Deepest nesting.
const DEEPEST: usize = 40;
/// Most parts of one expression.
const LARGEST: usize = 1_000;

/// What names mean where an expression stands.
pub trait Scope {
    /// A column, or what a `let` of that name stands for.
    fn column(&mut self, name: &str) -> Result<Expression, String>;
    /// A column of another table, looked up by its key: the places of both.
    fn lookup(&mut self, table: &str, column: &str) -> Result<(usize, usize), String>;
    /// What the rows of the group come to.
    fn aggregate(&mut self, kind: AggregateKind, of: Expression) -> Result<Expression, String>;
    /// The number of a row within its group.
    fn row_number(&mut self) -> Result<Expression, String>;
}

/// Parses an expression.
pub fn parse(text: &str, scope: &mut dyn Scope) -> Result<Expression, Misspelt> {
    let mut parser = Parser { tokens: tokens(text)?, place: 0, depth: 0, scope };
    let expression = parser.expression(0)?;
    match parser.next() {
        (Token::End, _) => Ok(expression),
        (token, position) => Err(unexpected(&token, position, "an operator or the end")),
    }
}

struct Parser<'a> {
    tokens: Vec<(Token, usize)>,
    place: usize,
    depth: usize,
    scope: &'a mut dyn Scope,
}

/// How tightly `not` binds: below comparisons, above `and`.
const NOT: u8 = 3;
/// How tightly a sign in front binds.
const SIGN: u8 = 7;

impl Parser<'_> {
    fn peek(&self) -> &(Token, usize) {
        // The last token is always `End`, which nothing takes.
        &self.tokens[self.place.min(self.tokens.len() - 1)]
    }

    fn next(&mut self) -> (Token, usize) {
        let token = self.peek().clone();
        self.place += 1;
        token
    }

    fn take(&mut self, sign: &'static str) -> Result<(), Misspelt> {
        match self.next() {
            (Token::Sign(found), _) if found == sign => Ok(()),
            (token, position) => Err(unexpected(&token, position, &format!("`{sign}`"))),
        }
    }

    fn expression(&mut self, least: u8) -> Result<Expression, Misspelt> {
        let position = self.peek().1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Misspelt { position, reason: format!("nested more than {DEEPEST} deep") });
        }
        let mut left = self.operand()?;
        while let Some((operator, binds)) = operator(&self.peek().0) {
            if binds < least {
                break;
            }
            let position = self.next().1;
            let right = self.expression(binds + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
            within_size(left.size(), position)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, Misspelt> {
        let (token, position) = self.next();
        let misspelt = |reason: String| Misspelt { position, reason };
        match token {
            Token::Text(text) => Ok(Expression::Literal(Value::Text(text))),
            Token::Number(text) => match decimal(&text) {
                Some(number) => Ok(Expression::Literal(Value::Number(number))),
                None => Err(misspelt(format!("`{text}` is not a plain number of at most 28 digits"))),
            },
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.take(")")?;
                Ok(inner)
            }
            Token::Sign("-") => Ok(Expression::Negative(Box::new(self.expression(SIGN)?))),
            Token::Quoted(name) => self.scope.column(&name).map_err(misspelt),
            Token::Name(name) => match name.as_str() {
                "not" => Ok(Expression::Not(Box::new(self.expression(NOT)?))),
                "true" => Ok(Expression::Literal(Value::Truth(true))),
                "false" => Ok(Expression::Literal(Value::Truth(false))),
                _ if self.peek().0 == Token::Sign("(") => self.call(&name, position),
                _ => self.scope.column(&name).map_err(misspelt),
            },
            token => Err(unexpected(&token, position, "a column, a value or a function")),
        }
    }

    fn call(&mut self, name: &str, position: usize) -> Result<Expression, Misspelt> {
        let misspelt = |reason: String| Misspelt { position, reason };
        let arguments = self.arguments()?;
        let count = arguments.len();
        if let Some(kind) = AggregateKind::named(name) {
            let [of] = <[Expression; 1]>::try_from(arguments)
                .map_err(|_| misspelt(format!("{name} takes 1 argument, not {count}")))?;
            return self.scope.aggregate(kind, of).map_err(misspelt);
        }
        match name {
            "row_number" if count == 0 => self.scope.row_number().map_err(misspelt),
            "lookup" => self.lookup(arguments).map_err(misspelt),
            _ => {
                let function = Function::named(name)
                    .ok_or_else(|| misspelt(format!("there is no function `{name}`")))?;
                if !function.takes(count) {
                    return Err(misspelt(format!("{}, not {count} arguments", function.usage())));
                }
                Ok(Expression::Call(function, arguments))
            }
        }
    }

    fn lookup(&mut self, arguments: Vec<Expression>) -> Result<Expression, String> {
        let usage = "write lookup('table', key, 'column'), with the table and column as texts";
        let [table, key, column] = <[Expression; 3]>::try_from(arguments).map_err(|_| usage)?;
        let (Expression::Literal(Value::Text(table)), Expression::Literal(Value::Text(column))) =
            (table, column)
        else {
            return Err(usage.to_owned());
        };
        let (table, column) = self.scope.lookup(&table, &column)?;
        Ok(Expression::Lookup { table, column, key: Box::new(key) })
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, Misspelt> {
        self.take("(")?;
        let (mut arguments, mut size) = (Vec::new(), 0);
        if self.peek().0 == Token::Sign(")") {
            self.take(")")?;
            return Ok(arguments);
        }
        loop {
            let position = self.peek().1;
            let argument = self.expression(0)?;
            size += argument.size();
            within_size(size, position)?;
            arguments.push(argument);
            match self.next() {
                (Token::Sign(","), _) => {}
                (Token::Sign(")"), _) => return Ok(arguments),
                (token, position) => return Err(unexpected(&token, position, "`,` or `)`")),
            }
        }
    }
}

fn within_size(size: usize, position: usize) -> Result<(), Misspelt> {
    if size > LARGEST {
        return Err(Misspelt { position, reason: format!("the expression has more than {LARGEST} parts") });
    }
    Ok(())
}

/// The operator that a word is, and how tightly it binds.
fn operator(token: &Token) -> Option<(Operator, u8)> {
    Some(match token {
        Token::Name(name) if name == "or" => (Operator::Or, 1),
        Token::Name(name) if name == "and" => (Operator::And, 2),
        Token::Sign("=") => (Operator::Equal, 4),
        Token::Sign("!=" | "<>") => (Operator::Different, 4),
        Token::Sign("<") => (Operator::Less, 4),
        Token::Sign("<=") => (Operator::AtMost, 4),
        Token::Sign(">") => (Operator::Greater, 4),
        Token::Sign(">=") => (Operator::AtLeast, 4),
        Token::Sign("+") => (Operator::Add, 5),
        Token::Sign("-") => (Operator::Subtract, 5),
        Token::Sign("*") => (Operator::Multiply, 6),
        Token::Sign("/") => (Operator::Divide, 6),
        _ => return None,
    })
}

fn unexpected(token: &Token, position: usize, wanted: &str) -> Misspelt {
    let found = match token {
        Token::Name(text) | Token::Quoted(text) | Token::Number(text) => format!("`{text}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::End => "the end".to_owned(),
    };
    Misspelt { position, reason: format!("{found} stands where {wanted} is expected") }
}
