//! The affiliate side: who refers customers, by which codes, what visitors did, what became of it.

use entity::event::Type;

use super::{Entity, Kind, column, entity, text};

pub const AFFILIATES: Entity = entity(
    "affiliates",
    "affiliate",
    Some("affiliate_key"),
    &["affiliate_id"],
    &[column("affiliate_id", Kind::Identifier), column("name", Kind::Text), text("email")],
);

pub const TRACKING_CODES: Entity = entity(
    "tracking_codes",
    "tracking code",
    Some("tracking_code_key"),
    &["tracking_code"],
    &[
        column("tracking_code", Kind::Identifier),
        column("affiliate_id", Kind::Reference("affiliates")).optional().to("affiliate_key"),
        column("commission_rate", Kind::Share).optional(),
        column("commission_fixed", Kind::Amount).optional(),
        column("currency", Kind::Currency).optional(),
    ],
);

pub const EVENTS: Entity = entity(
    "events",
    "event",
    Some("event_key"),
    &["event_id"],
    &[
        column("event_id", Kind::Identifier),
        column("occurred_at", Kind::Instant),
        column("type", Kind::Choice(Type::CODES)),
        column("session_id", Kind::Identifier).optional(),
        column("tracking_code", Kind::Reference("tracking_codes")).optional().to("tracking_code_key"),
        text("page_url"),
        text("referrer_url"),
        column("product_id", Kind::Reference("products")).optional().to("product_key"),
        text("device"),
        text("browser"),
        text("os"),
        text("country"),
        text("traffic_source"),
    ],
);

pub const CONVERSIONS: Entity = entity(
    "conversions",
    "conversion",
    Some("conversion_key"),
    &["conversion_id"],
    &[
        column("conversion_id", Kind::Identifier),
        column("order_id", Kind::Identifier).optional(),
        column("converted_at", Kind::Instant),
        column("tracking_code", Kind::Reference("tracking_codes")).optional().to("tracking_code_key"),
        column("session_id", Kind::Identifier).optional(),
        column("order_total", Kind::Amount),
        column("commission", Kind::Amount).optional(),
        column("currency", Kind::Currency).optional(),
    ],
);
