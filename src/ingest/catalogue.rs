//! What can be imported: each entity of the dataset folder as a declaration, from which reading, checking and
//! storing follow. A new entity is a new declaration here (and its table in `entity/`).

use entity::order::Status;

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
    /// A source's id of the row itself.
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
    /// An amount of at least so many millionths, in the currency that another row names (`currency_of`), and so
    /// checked when both are there.
    ForeignAmount(i64),
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

/// An amount in another row's currency that may be negative.
const SIGNED: Kind = Kind::ForeignAmount(i64::MIN);

/// The statuses of an order by name.
const STATUSES: [(&str, i64); 6] = [
    ("DRAFT", Status::Draft as i64),
    ("SUBMITTED", Status::Submitted as i64),
    ("CONFIRMED", Status::Confirmed as i64),
    ("SHIPPED", Status::Shipped as i64),
    ("DELIVERED", Status::Delivered as i64),
    ("CANCELLED", Status::Cancelled as i64),
];

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, need: Need::Required, target: name }
}

const fn text(name: &'static str) -> Column {
    column(name, Kind::Text).optional()
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
pub static ENTITIES: [Entity; 8] =
    [CUSTOMERS, CATEGORIES, PRODUCTS, SALES_REPS, ORDERS, ORDER_ITEMS, REFUNDS, EXCHANGE_RATES];

const CUSTOMERS: Entity = Entity {
    name: "customers",
    one: "customer",
    dense_key: Some("customer_key"),
    key: &["customer_id"],
    columns: &[
        column("customer_id", Kind::Identifier),
        text("customer_number"),
        column("name", Kind::Text),
        text("company_name"),
        text("email"),
        text("country"),
        text("region"),
        text("city"),
        text("acquisition_channel"),
        column("acquired_at", Kind::Instant).optional(),
        column("churned_at", Kind::Instant).optional(),
    ],
    currency_of: None,
    derived: Derived::Nothing,
};

const CATEGORIES: Entity = Entity {
    name: "categories",
    one: "category",
    dense_key: Some("category_key"),
    key: &["category_id"],
    columns: &[
        column("category_id", Kind::Identifier),
        column("name", Kind::Text),
        column("parent_id", Kind::Reference("categories")).optional().to("parent_key"),
    ],
    currency_of: None,
    derived: Derived::Nothing,
};

const PRODUCTS: Entity = Entity {
    name: "products",
    one: "product",
    dense_key: Some("product_key"),
    key: &["product_id"],
    columns: &[
        column("product_id", Kind::Identifier),
        column("sku", Kind::Text),
        column("name", Kind::Text),
        column("category_id", Kind::Reference("categories")).optional().to("category_key"),
        column("unit_price", Kind::Price).optional().to("unit_price_micros"),
        column("unit_cost", Kind::Price).optional().to("unit_cost_micros"),
        column("currency", Kind::Currency).optional(),
        column("is_active", Kind::Boolean).or("true"),
        column("stock", COUNT).optional(),
    ],
    currency_of: None,
    derived: Derived::Nothing,
};

const SALES_REPS: Entity = Entity {
    name: "sales_reps",
    one: "sales rep",
    dense_key: Some("sales_rep_key"),
    key: &["sales_rep_number"],
    columns: &[column("sales_rep_number", Kind::Identifier), column("name", Kind::Text)],
    currency_of: None,
    derived: Derived::Nothing,
};

const ORDERS: Entity = Entity {
    name: "orders",
    one: "order",
    dense_key: Some("order_key"),
    key: &["order_id"],
    columns: &[
        column("order_id", Kind::Identifier),
        column("customer_id", Kind::Reference("customers")).optional().to("customer_key"),
        column("sales_rep_number", Kind::Reference("sales_reps")).optional().to("sales_rep_key"),
        column("placed_at", Kind::Instant),
        column("status", Kind::Choice(&STATUSES)),
        column("currency", Kind::Currency).optional(),
        column("total", Kind::Amount),
        column("discount", Kind::Amount).or("0"),
        column("shipping", Kind::Amount).or("0"),
        column("tax", Kind::Amount).or("0"),
        text("channel"),
        text("coupon_code"),
        text("country"),
        text("region"),
        text("city"),
    ],
    currency_of: None,
    derived: Derived::Nothing,
};

const ORDER_ITEMS: Entity = Entity {
    name: "order_items",
    one: "order line",
    dense_key: None,
    key: &["order_id", "line_number"],
    columns: &[
        column("order_id", Kind::Reference("orders")).to("order_key"),
        column("line_number", Kind::Integer(0, i32::MAX as i64)),
        column("product_id", Kind::Reference("products")).to("product_key"),
        column("quantity", COUNT),
        column("unit_price", Kind::Price).to("unit_price_micros"),
        column("discount", SIGNED).or("0"),
        column("line_total", SIGNED).optional(),
    ],
    currency_of: Some("order_id"),
    derived: Derived::LineTotal,
};

const REFUNDS: Entity = Entity {
    name: "refunds",
    one: "refund",
    dense_key: Some("refund_key"),
    key: &["refund_id"],
    columns: &[
        column("refund_id", Kind::Identifier),
        column("order_id", Kind::Reference("orders")).to("order_key"),
        column("refunded_at", Kind::Instant),
        column("amount", Kind::ForeignAmount(0)),
        column("product_id", Kind::Reference("products")).optional().to("product_key"),
        column("quantity", COUNT).optional(),
        text("reason"),
    ],
    currency_of: Some("order_id"),
    derived: Derived::Nothing,
};

const EXCHANGE_RATES: Entity = Entity {
    name: "exchange_rates",
    one: "exchange rate",
    dense_key: None,
    key: &["day", "from", "to"],
    columns: &[
        column("day", Kind::Day),
        column("from", Kind::CurrencyCode).to("from_currency"),
        column("to", Kind::CurrencyCode).to("to_currency"),
        column("rate", Kind::Rate),
    ],
    currency_of: None,
    derived: Derived::Nothing,
};

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
            for name in entity.key.iter().chain(&entity.currency_of) {
                assert!(entity.column(name).is_some(), "{}.{name}", entity.name);
            }
        }
    }
}
