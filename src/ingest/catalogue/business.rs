//! The rest of the business: deals, subscriptions, stock, employees, support, marketing.

use entity::attendance::Status as AttendanceStatus;
use entity::deal_stage::Stage;
use entity::stock_movement::Kind as MovementKind;
use entity::subscription::Interval;

use super::{COUNT, Entity, HOW_MANY, Kind, column, entity, text};

pub const STOCK_MOVEMENTS: Entity = entity(
    "stock_movements",
    "stock movement",
    Some("movement_key"),
    &["movement_id"],
    &[
        column("movement_id", Kind::Identifier),
        column("product_id", Kind::Reference("products")).to("product_key"),
        column("moved_at", Kind::Instant),
        column("quantity", COUNT),
        column("kind", Kind::Choice(MovementKind::CODES)),
        column("unit_cost", Kind::Price).optional().to("unit_cost_micros"),
    ],
);

pub const DEALS: Entity = entity(
    "deals",
    "deal",
    Some("deal_key"),
    &["deal_id"],
    &[
        column("deal_id", Kind::Identifier),
        text("title"),
        column("customer_id", Kind::Reference("customers")).optional().to("customer_key"),
        column("sales_rep_number", Kind::Reference("sales_reps")).optional().to("sales_rep_key"),
        column("value", Kind::Amount),
        column("currency", Kind::Currency).optional(),
        text("source"),
        column("created_at", Kind::Instant),
    ],
);

pub const DEAL_STAGES: Entity = entity(
    "deal_stages",
    "deal's stage",
    None,
    &["deal_id", "stage"],
    &[
        column("deal_id", Kind::Reference("deals")).to("deal_key"),
        column("stage", Kind::Choice(Stage::CODES)),
        column("entered_at", Kind::Instant),
    ],
);

pub const SUBSCRIPTIONS: Entity = Entity {
    in_order: &[("started_at", "ended_at"), ("started_at", "trial_ends_at")],
    ..entity(
        "subscriptions",
        "subscription",
        Some("subscription_key"),
        &["subscription_id"],
        &[
            column("subscription_id", Kind::Identifier),
            column("customer_id", Kind::Reference("customers")).to("customer_key"),
            column("plan", Kind::Text),
            column("amount", Kind::Amount),
            column("currency", Kind::Currency).optional(),
            column("interval", Kind::Choice(Interval::CODES)),
            column("quantity", Kind::Integer(0, 1_000_000_000)).or("1"),
            column("started_at", Kind::Instant),
            column("ended_at", Kind::Instant).optional(),
            column("trial_ends_at", Kind::Instant).optional(),
        ],
    )
};

pub const EMPLOYEES: Entity = Entity {
    in_order: &[("hired_at", "left_at")],
    ..entity(
        "employees",
        "employee",
        Some("employee_key"),
        &["employee_id"],
        &[
            column("employee_id", Kind::Identifier),
            column("department", Kind::Text),
            text("title"),
            text("location"),
            column("hired_at", Kind::Instant),
            column("left_at", Kind::Instant).optional(),
            text("leave_reason"),
        ],
    )
};

pub const ATTENDANCE: Entity = entity(
    "attendance",
    "day of attendance",
    None,
    &["employee_id", "day"],
    &[
        column("employee_id", Kind::Reference("employees")).to("employee_key"),
        column("day", Kind::Day),
        column("status", Kind::Choice(AttendanceStatus::CODES)),
        column("hours", Kind::Hours).optional().to("hours_micros"),
    ],
);

pub const TICKETS: Entity = Entity {
    in_order: &[("opened_at", "first_replied_at"), ("opened_at", "resolved_at")],
    ..entity(
        "tickets",
        "ticket",
        Some("ticket_key"),
        &["ticket_id"],
        &[
            column("ticket_id", Kind::Identifier),
            column("customer_id", Kind::Reference("customers")).optional().to("customer_key"),
            text("channel"),
            text("priority"),
            text("category"),
            text("agent"),
            column("opened_at", Kind::Instant),
            column("first_replied_at", Kind::Instant).optional(),
            column("resolved_at", Kind::Instant).optional(),
            column("reopened_count", Kind::Integer(0, 1_000_000)).or("0"),
            column("csat", Kind::Integer(1, 5)).optional(),
        ],
    )
};

pub const CAMPAIGNS: Entity = Entity {
    in_order: &[("started_at", "ended_at")],
    ..entity(
        "campaigns",
        "campaign",
        Some("campaign_key"),
        &["campaign_id"],
        &[
            column("campaign_id", Kind::Identifier),
            column("name", Kind::Text),
            column("channel", Kind::Text),
            column("started_at", Kind::Instant).optional(),
            column("ended_at", Kind::Instant).optional(),
        ],
    )
};

pub const CAMPAIGN_DAYS: Entity = entity(
    "campaign_days",
    "day of a campaign",
    None,
    &["campaign_id", "day"],
    &[
        column("campaign_id", Kind::Reference("campaigns")).to("campaign_key"),
        column("day", Kind::Day),
        column("spend", Kind::Amount).optional(),
        column("currency", Kind::Currency).optional(),
        column("impressions", HOW_MANY).optional(),
        column("clicks", HOW_MANY).optional(),
        column("sent", HOW_MANY).optional(),
        column("delivered", HOW_MANY).optional(),
        column("opened", HOW_MANY).optional(),
        column("clicked", HOW_MANY).optional(),
        column("bounced", HOW_MANY).optional(),
        column("unsubscribed", HOW_MANY).optional(),
        column("conversions", HOW_MANY).optional(),
        column("revenue", Kind::Amount).optional(),
    ],
);
