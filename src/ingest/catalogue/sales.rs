//! Orders, and what they point to.

use entity::order::Status;

use super::{COUNT, Derived, Entity, Kind, column, text};

/// An amount in another row's currency that may be negative.
const SIGNED: Kind = Kind::ForeignAmount(i64::MIN);

pub const CUSTOMERS: Entity = Entity {
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
    in_order: &[],
    derived: Derived::Nothing,
};

pub const CATEGORIES: Entity = Entity {
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
    in_order: &[],
    derived: Derived::Nothing,
};

pub const PRODUCTS: Entity = Entity {
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
    in_order: &[],
    derived: Derived::Nothing,
};

pub const SALES_REPS: Entity = Entity {
    name: "sales_reps",
    one: "sales rep",
    dense_key: Some("sales_rep_key"),
    key: &["sales_rep_number"],
    columns: &[column("sales_rep_number", Kind::Identifier), column("name", Kind::Text)],
    currency_of: None,
    in_order: &[],
    derived: Derived::Nothing,
};

pub const ORDERS: Entity = Entity {
    name: "orders",
    one: "order",
    dense_key: Some("order_key"),
    key: &["order_id"],
    columns: &[
        column("order_id", Kind::Identifier),
        column("customer_id", Kind::Reference("customers")).optional().to("customer_key"),
        column("sales_rep_number", Kind::Reference("sales_reps")).optional().to("sales_rep_key"),
        column("placed_at", Kind::Instant),
        column("status", Kind::Choice(Status::CODES)),
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
    in_order: &[],
    derived: Derived::Nothing,
};

pub const ORDER_ITEMS: Entity = Entity {
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
    in_order: &[],
    derived: Derived::LineTotal,
};

pub const REFUNDS: Entity = Entity {
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
    in_order: &[],
    derived: Derived::Nothing,
};

pub const EXCHANGE_RATES: Entity = Entity {
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
    in_order: &[],
    derived: Derived::Nothing,
};
