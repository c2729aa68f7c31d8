//! What figures can be told apart by, and the columns that say so.

use async_graphql::Enum;

use super::sources::{Column, Instant, Source, Table};

macro_rules! dimensions {
    ($( $(#[doc = $doc:tt])+ $variant:ident $name:literal: $($table:ident . $column:ident)|*; )+) => {
        /// What figures can be grouped and filtered by, beside time's grains.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
        pub enum Dimension { $( $(#[doc = $doc])+ $variant, )+ }

        impl Dimension {
            /// Every dimension.
            pub const ALL: [Self; [$($name),+].len()] = [ $( Self::$variant, )+ ];

            /// Its name, as GraphQL spells it.
            pub fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )+ }
            }

            /// What it is.
            pub fn description(self) -> &'static str {
                match self { $( Self::$variant => concat!($($doc),+).trim_ascii(), )+ }
            }

            /// The columns that hold it, the nearest to the facts first.
            fn columns(self) -> &'static [Column] {
                match self { $( Self::$variant => &[ $( Column { table: Table::$table, name: stringify!($column) }, )* ], )+ }
            }
        }
    };
}

dimensions! {
    /// Status of the order: DRAFT, SUBMITTED, CONFIRMED, SHIPPED, DELIVERED, CANCELLED.
    Status "STATUS": Orders.status;
    /// Channel of the order, the ticket or the campaign.
    Channel "CHANNEL": Orders.channel | Tickets.channel | Campaigns.channel;
    /// Coupon code of the order.
    Coupon "COUPON": Orders.coupon_code;
    /// Reason of the refund, as the source writes it.
    RefundReason "REFUND_REASON": Refunds.reason;
    /// Currency of the fact.
    Currency "CURRENCY": Orders.currency | Deals.currency | Subscriptions.currency | CampaignDays.currency | Conversions.currency | Commissions.order_currency | Products.currency;
    /// Country of the order, or of the visitor; elsewhere of the customer.
    Country "COUNTRY": Orders.country | Events.country | Customers.country;
    /// Region of the order; elsewhere of the customer.
    Region "REGION": Orders.region | Customers.region;
    /// City of the order; elsewhere of the customer.
    City "CITY": Orders.city | Customers.city;
    /// Where the customer came from; for campaigns, their channel.
    AcquisitionChannel "ACQUISITION_CHANNEL": Customers.acquisition_channel | Campaigns.channel;
    /// The customer, by its id.
    Customer "CUSTOMER": Orders.customer_key | Deals.customer_key | Subscriptions.customer_key | Tickets.customer_key | Customers.customer_key;
    /// Month of the customer's first order, as 2024-03: of orders by customers whose first lies in the period.
    Cohort "COHORT": Customers.first_ordered_at;
    /// The sales representative, by number.
    SalesRep "SALES_REP": Orders.sales_rep_key | Deals.sales_rep_key;
    /// The product, by its id; of a pair the one with the smaller key.
    Product "PRODUCT": OrderItems.product_key | Refunds.product_key | StockMovements.product_key | Events.product_key | ConvertedItems.product_key | Products.product_key;
    /// The other product of a pair, by its id.
    PairedProduct "PAIRED_PRODUCT": PairedItems.product_key;
    /// The category that the product stands in directly, by its id.
    Category "CATEGORY": Products.category_key;
    /// Stage of the deal: LEADS, QUALIFIED, PROPOSAL, NEGOTIATION, WON, LOST.
    Stage "STAGE": DealStages.stage;
    /// Where the deal came from.
    DealSource "DEAL_SOURCE": Deals.source;
    /// Plan of the subscription.
    Plan "PLAN": Subscriptions.plan;
    /// How often the subscription is paid: MONTH, YEAR.
    BillingInterval "BILLING_INTERVAL": Subscriptions.interval;
    /// Kind of the movement of stock: RECEIPT, SALE, RETURN, ADJUSTMENT.
    MovementKind "MOVEMENT_KIND": StockMovements.kind;
    /// Department of the employee.
    Department "DEPARTMENT": Employees.department;
    /// Location of the employee.
    Location "LOCATION": Employees.location;
    /// Job title of the employee.
    JobTitle "JOB_TITLE": Employees.title;
    /// Why the employee left.
    LeaveReason "LEAVE_REASON": Employees.leave_reason;
    /// What the employee's day was: PRESENT, REMOTE, LATE, LEAVE, SICK, ABSENT.
    Attendance "ATTENDANCE": Attendance.status;
    /// Priority of the ticket.
    Priority "PRIORITY": Tickets.priority;
    /// What the ticket is about.
    TicketCategory "TICKET_CATEGORY": Tickets.category;
    /// Who works on the ticket.
    Agent "AGENT": Tickets.agent;
    /// The campaign, by its id.
    Campaign "CAMPAIGN": Campaigns.campaign_key;
    /// The tracking code. A conversion that names none has the one that it is credited to.
    TrackingCode "TRACKING_CODE": Events.tracking_code_key | Conversions.tracking_code_key | Commissions.tracking_code_key;
    /// The affiliate whose tracking code it is, by its id.
    Affiliate "AFFILIATE": TrackingCodes.affiliate_key;
    /// What visitors did: `CLICK`, `PAGEVIEW`, `PRODUCT_VIEW`, `ADD_TO_CART`, `REMOVE_FROM_CART`, `THANK_YOU_VIEW`.
    EventType "EVENT_TYPE": Events.type;
    /// Address of the page that visitors saw.
    Page "PAGE": Events.page_url;
    /// Address of the page before it.
    Referrer "REFERRER": Events.referrer_url;
    /// Kind of the visitor's device: desktop, mobile, tablet.
    Device "DEVICE": Events.device;
    /// Browser of the visitor.
    Browser "BROWSER": Events.browser;
    /// Operating system of the visitor.
    OperatingSystem "OPERATING_SYSTEM": Events.os;
    /// What brought the visitor, as the source writes it.
    TrafficSource "TRAFFIC_SOURCE": Events.traffic_source;
    /// Hour of the day, 0 to 23, on the report's clock.
    HourOfDay "HOUR_OF_DAY":;
    /// Day of the week, 1 (Monday) to 7 (Sunday), on the report's calendar.
    DayOfWeek "DAY_OF_WEEK":;
}

impl Dimension {
    /// Names of its values with the numbers that tables hold, where these are all that there can be.
    pub fn codes(self) -> Option<&'static [(&'static str, i64)]> {
        match self {
            Self::Status => Some(entity::order::Status::CODES),
            Self::Stage => Some(entity::deal_stage::Stage::CODES),
            Self::BillingInterval => Some(entity::subscription::Interval::CODES),
            Self::MovementKind => Some(entity::stock_movement::Kind::CODES),
            Self::Attendance => Some(entity::attendance::Status::CODES),
            Self::EventType => Some(entity::event::Type::CODES),
            _ => None,
        }
    }

    /// Whether it says who is credited with a conversion.
    pub fn is_of_credit(self) -> bool {
        matches!(self, Self::TrackingCode | Self::Affiliate)
    }

    /// Whether it is the clock's or the calendar's, of the fact's own instant.
    pub fn is_of_clock(self) -> bool {
        matches!(self, Self::HourOfDay | Self::DayOfWeek)
    }

    /// Whether the database tells its values, and so sorts them, as the answer does.
    pub fn is_told_as_held(self) -> bool {
        self.codes().is_none() && !self.is_of_clock() && self != Self::Cohort
    }

    /// The column in which facts of `source` have it.
    pub fn column(self, source: Source) -> Option<Column> {
        self.columns().iter().copied().find(|column| source.way_to(column.table).is_some())
    }

    /// Whether facts of `source` have it.
    pub fn fits(self, source: Source) -> bool {
        match self {
            Self::DayOfWeek => !source.is_timeless(),
            Self::HourOfDay => !matches!(source.facts().at, Instant::Now | Instant::Day(_)),
            // An employee's day off is nobody's order: cohorts are of orders alone.
            Self::Cohort => source == Source::Orders,
            // A product's currency is nothing of who looks at it.
            Self::Currency => source != Source::Events && self.column(source).is_some(),
            // A product's conversions are all that hold it, whoever is credited.
            Self::TrackingCode | Self::Affiliate => {
                source != Source::ConvertedProducts && self.column(source).is_some()
            }
            _ => self.column(source).is_some(),
        }
    }
}
