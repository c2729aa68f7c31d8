//! What can be imported: each entity of the dataset folder as a declaration, from which reading, checking and
//! storing follow. A new entity is a new declaration here (and its table in `entity/`).

mod affiliate;
mod business;
mod sales;

/// A kind of thing that a dataset holds: one file of a folder, one table of the database.
#[derive(Debug)]
pub struct Entity {
    /// The file's name without its extensions, and the table's.
    pub name: &'static str,
    /// One of them, in words, for messages.
    pub one: &'static str,
    /// The dense integer key that the import hands out; nothing where rows are known by their key columns alone.
    pub dense_key: Option<&'static str>,
    /// The columns, as the dataset names them, that tell one row from another.
    pub key: &'static [&'static str],
    /// Every column of the dataset form.
    pub columns: &'static [Column],
    /// The reference whose row says in which currency this one's amounts are.
    pub currency_of: Option<&'static str>,
    /// Pairs of instants of which the second does not come before the first.
    pub in_order: &'static [(&'static str, &'static str)],
    /// What else is to be worked out of a row.
    pub derived: Derived,
}

/// What a row holds beyond its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// Nothing.
    Nothing,
    /// Of an order line: `_exact`, what it adds to its order before it is rounded, in millionths; and `_rounds`,
    /// whether its own amounts may be finer than the order's currency.
    LineTotal,
}

/// A column of the dataset form.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in files.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it may be empty.
    pub need: Need,
    /// The table's column that it ends up in.
    pub target: &'static str,
}

/// Whether a column may be empty or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// It may not.
    Required,
    /// It may, and is stored as absent.
    Optional,
    /// It may, and then counts as this text.
    Or(&'static str),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A source's id: of the row itself, or of what no table of ours need have.
    Identifier,
    /// A source's id of a row of that entity.
    Reference(&'static str),
    /// Free text.
    Text,
    /// A whole number in these bounds.
    Integer(i64, i64),
    /// `true` or `false`.
    Boolean,
    /// One of these names, stored as its number.
    Choice(&'static [(&'static str, i64)]),
    /// An instant.
    Instant,
    /// A calendar day.
    Day,
    /// The currency of the row's amounts; absent, the organization's own.
    Currency,
    /// A currency that is itself the fact.
    CurrencyCode,
    /// An amount in the row's currency, exact to its digits.
    Amount,
    /// A price in millionths of a major unit.
    Price,
    /// Hours of a day, in millionths.
    Hours,
    /// An amount of at least so many millionths, in the currency that another row names (`currency_of`), and so
    /// checked when both are there.
    ForeignAmount(i64),
    /// A share of an amount, from 0 to 1, in millionths.
    Share,
    /// An exchange rate.
    Rate,
}

impl Derived {
    /// Names of the columns that a staged row holds behind its entity's.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Nothing => &[],
            Self::LineTotal => &["_exact", "_rounds"],
        }
    }
}

impl Entity {
    /// The entity of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ENTITIES.iter().find(|entity| entity.name == name)
    }

    /// Where it stands in [`ENTITIES`].
    pub fn index(&self) -> usize {
        ENTITIES.iter().position(|entity| entity.name == self.name).unwrap_or_default()
    }

    /// The column of that name, and its place.
    pub fn column(&self, name: &str) -> Option<(usize, &'static Column)> {
        self.columns.iter().enumerate().find(|(_, column)| column.name == name)
    }

    /// Whether rows point to others of the same entity.
    pub fn is_nested(&self) -> bool {
        self.columns.iter().any(|column| column.kind == Kind::Reference(self.name))
    }
}

/// Whole numbers that sums of millions of rows still fit.
const COUNT: Kind = Kind::Integer(-1_000_000_000, 1_000_000_000);

/// How many of something there were.
const HOW_MANY: Kind = Kind::Integer(0, 1_000_000_000_000);

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, need: Need::Required, target: name }
}

const fn text(name: &'static str) -> Column {
    column(name, Kind::Text).optional()
}

/// An entity of no more than its columns.
const fn entity(
    name: &'static str,
    one: &'static str,
    dense_key: Option<&'static str>,
    key: &'static [&'static str],
    columns: &'static [Column],
) -> Entity {
    Entity { name, one, dense_key, key, columns, currency_of: None, in_order: &[], derived: Derived::Nothing }
}

impl Column {
    const fn optional(mut self) -> Self {
        self.need = Need::Optional;
        self
    }

    const fn or(mut self, value: &'static str) -> Self {
        self.need = Need::Or(value);
        self
    }

    const fn to(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }
}

/// Every entity, those that others point to first.
pub static ENTITIES: [Entity; 21] = [
    sales::CUSTOMERS,
    sales::CATEGORIES,
    sales::PRODUCTS,
    sales::SALES_REPS,
    sales::ORDERS,
    sales::ORDER_ITEMS,
    sales::REFUNDS,
    business::STOCK_MOVEMENTS,
    business::DEALS,
    business::DEAL_STAGES,
    business::SUBSCRIPTIONS,
    business::EMPLOYEES,
    business::ATTENDANCE,
    business::TICKETS,
    business::CAMPAIGNS,
    business::CAMPAIGN_DAYS,
    affiliate::AFFILIATES,
    affiliate::TRACKING_CODES,
    affiliate::EVENTS,
    affiliate::CONVERSIONS,
    sales::EXCHANGE_RATES,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_point_back_so_that_one_pass_in_order_is_enough() {
        for (place, entity) in ENTITIES.iter().enumerate() {
            for column in entity.columns {
                if let Kind::Reference(to) = column.kind {
                    let target = ENTITIES.iter().position(|other| other.name == to).expect("declared");
                    assert!(target <= place, "{}.{} points forward", entity.name, column.name);
                    assert!(ENTITIES[target].dense_key.is_some(), "{to} has no key to point to");
                }
            }
        }
    }

    #[test]
    fn keys_and_currencies_are_columns() {
        for entity in &ENTITIES {
            let pairs = entity.in_order.iter().flat_map(|(first, second)| [first, second]);
            for name in entity.key.iter().chain(&entity.currency_of).chain(pairs) {
                assert!(entity.column(name).is_some(), "{}.{name}", entity.name);
            }
        }
    }
}
