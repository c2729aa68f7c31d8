//! Orders, and what they point to.

use entity::order::Status;

use super::{COUNT, Derived, Entity, Kind, column, entity, text};

/// An amount in another row's currency that may be negative.
const SIGNED: Kind = Kind::ForeignAmount(i64::MIN);

pub const CUSTOMERS: Entity = entity(
    "customers",
    "customer",
    Some("customer_key"),
    &["customer_id"],
    &[
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
);

pub const CATEGORIES: Entity = entity(
    "categories",
    "category",
    Some("category_key"),
    &["category_id"],
    &[
        column("category_id", Kind::Identifier),
        column("name", Kind::Text),
        column("parent_id", Kind::Reference("categories")).optional().to("parent_key"),
    ],
);

pub const PRODUCTS: Entity = entity(
    "products",
    "product",
    Some("product_key"),
    &["product_id"],
    &[
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
);

pub const SALES_REPS: Entity = entity(
    "sales_reps",
    "sales rep",
    Some("sales_rep_key"),
    &["sales_rep_number"],
    &[column("sales_rep_number", Kind::Identifier), column("name", Kind::Text)],
);

pub const ORDERS: Entity = entity(
    "orders",
    "order",
    Some("order_key"),
    &["order_id"],
    &[
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
);

pub const ORDER_ITEMS: Entity = Entity {
    currency_of: Some("order_id"),
    derived: Derived::LineTotal,
    ..entity(
        "order_items",
        "order line",
        None,
        &["order_id", "line_number"],
        &[
            column("order_id", Kind::Reference("orders")).to("order_key"),
            column("line_number", Kind::Integer(0, i32::MAX as i64)),
            column("product_id", Kind::Reference("products")).to("product_key"),
            column("quantity", COUNT),
            column("unit_price", Kind::Price).to("unit_price_micros"),
            column("discount", SIGNED).or("0"),
            column("line_total", SIGNED).optional(),
        ],
    )
};

pub const REFUNDS: Entity = Entity {
    currency_of: Some("order_id"),
    ..entity(
        "refunds",
        "refund",
        Some("refund_key"),
        &["refund_id"],
        &[
            column("refund_id", Kind::Identifier),
            column("order_id", Kind::Reference("orders")).to("order_key"),
            column("refunded_at", Kind::Instant),
            column("amount", Kind::ForeignAmount(0)),
            column("product_id", Kind::Reference("products")).optional().to("product_key"),
            column("quantity", COUNT).optional(),
            text("reason"),
        ],
    )
};

pub const EXCHANGE_RATES: Entity = entity(
    "exchange_rates",
    "exchange rate",
    None,
    &["day", "from", "to"],
    &[
        column("day", Kind::Day),
        column("from", Kind::CurrencyCode).to("from_currency"),
        column("to", Kind::CurrencyCode).to("to_currency"),
        column("rate", Kind::Rate),
    ],
);
