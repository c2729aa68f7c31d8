//! The catalogue: every metric and dimension that can be asked for, declared once as data.
//!
//! GraphQL descriptions, the `metrics` listing, what may be grouped by what, and the reference in docs/metrics.md all
//! follow from here. How a declaration becomes SQL is `sql`'s business.

use async_graphql::Enum;

/// A table of facts, with its own instant for each row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
pub enum Source {
    /// Orders, by the instant they were placed.
    Orders,
    /// Lines of orders, by the instant the order was placed.
    Lines,
    /// Refunds, by the instant they were given.
    Refunds,
    /// Customers, by the instant they were won: the source's word, else their first revenue-counting order.
    Customers,
}

/// What a figure is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Enum)]
pub enum Unit {
    /// Money in the report's currency, rounded to its digits.
    Money,
    /// A whole number of things.
    Count,
    /// A quotient of counts, to two digits.
    Average,
    /// A share, to four digits: 0.1250 is 12.5 %.
    Ratio,
}

impl Unit {
    /// Decimal digits of a figure that is not money.
    pub fn digits(self) -> u32 {
        match self {
            Self::Money | Self::Count => 0,
            Self::Average => 2,
            Self::Ratio => 4,
        }
    }
}

/// A column that a measure reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    /// `orders.total`
    OrderTotal,
    /// `orders.discount`
    OrderDiscount,
    /// `orders.shipping`
    OrderShipping,
    /// `orders.tax`
    OrderTax,
    /// `orders.customer_key`
    OrderCustomer,
    /// `order_items.order_key`
    LineOrder,
    /// `order_items.product_key`
    LineProduct,
    /// `order_items.line_total`
    LineTotal,
    /// `order_items.discount`
    LineDiscount,
    /// `order_items.quantity`
    LineQuantity,
    /// `refunds.order_key`
    RefundOrder,
    /// `refunds.amount`
    RefundAmount,
    /// `refunds.quantity`
    RefundQuantity,
}

/// How rows become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aggregate {
    /// The sum of an amount in minor units: converted where currencies differ.
    Amount(Column),
    /// The sum of a number.
    Sum(Column),
    /// How many rows.
    Count,
    /// How many different values; rows without one do not count.
    Distinct(Column),
}

/// Which rows of a source count, by the status of their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rows {
    /// All of them.
    All,
    /// Neither draft nor cancelled: what revenue is made of.
    Counting,
    /// Not draft.
    Placed,
    /// Cancelled.
    Cancelled,
    /// Draft.
    Draft,
}

/// A number that one pass over one source yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Measure {
    /// Where it reads.
    pub source: Source,
    /// What it computes.
    pub aggregate: Aggregate,
    /// Over which rows.
    pub rows: Rows,
}

/// How a metric is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Read from a source.
    Measure(Measure),
    /// The first divided by the second, both over the same rows: never an average of quotients. Null over zero.
    Ratio(Metric, Metric),
    /// The first less the second.
    Difference(Metric, Metric),
    /// The first and the second together.
    Total(Metric, Metric),
}

const fn measure(source: Source, aggregate: Aggregate, rows: Rows) -> Formula {
    Formula::Measure(Measure { source, aggregate, rows })
}

/// One entry of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// Which metric.
    pub metric: Metric,
    /// Its name in GraphQL fields and in docs.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
    /// What it is told in.
    pub unit: Unit,
    /// How it is computed.
    pub formula: Formula,
}

macro_rules! metrics {
    ($( $(#[doc = $doc:tt])+ $variant:ident $name:literal $unit:ident = $formula:expr; )+) => {
        /// A figure that can be asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
        pub enum Metric { $( $(#[doc = $doc])+ $variant, )+ }

        /// Every metric, in the order in which people look for them.
        pub static METRICS: &[Definition] = &[ $( Definition {
            metric: Metric::$variant,
            name: $name,
            description: concat!($($doc),+).trim_ascii(),
            unit: Unit::$unit,
            formula: $formula,
        }, )+ ];
    };
}

use Aggregate::{Amount, Count, Distinct, Sum};
use Rows::{All, Cancelled, Counting, Draft, Placed};
use Source::{Customers, Lines, Orders, Refunds};

metrics! {
    /// Totals of all orders whatever their status.
    GrossRevenue "grossRevenue" Money = measure(Orders, Amount(Column::OrderTotal), All);
    /// Totals of orders that are neither draft nor cancelled, by the instant they were placed.
    Revenue "revenue" Money = measure(Orders, Amount(Column::OrderTotal), Counting);
    /// Revenue less the refunds given in the period.
    NetRevenue "netRevenue" Money = Formula::Difference(Metric::Revenue, Metric::Refunds);
    /// Money given back, by the instant it was given.
    Refunds "refunds" Money = measure(Refunds, Amount(Column::RefundAmount), All);
    /// Orders that are neither draft nor cancelled.
    Orders "orders" Count = measure(Orders, Count, Counting);
    /// Orders whatever their status.
    GrossOrders "grossOrders" Count = measure(Orders, Count, All);
    /// Orders that were placed, cancelled ones among them.
    PlacedOrders "placedOrders" Count = measure(Orders, Count, Placed);
    /// Orders that were cancelled, by the instant they were placed.
    CancelledOrders "cancelledOrders" Count = measure(Orders, Count, Cancelled);
    /// Totals of cancelled orders.
    CancelledRevenue "cancelledRevenue" Money = measure(Orders, Amount(Column::OrderTotal), Cancelled);
    /// Orders not placed yet.
    DraftOrders "draftOrders" Count = measure(Orders, Count, Draft);
    /// Cancelled orders among those placed.
    CancellationRate "cancellationRate" Ratio = Formula::Ratio(Metric::CancelledOrders, Metric::PlacedOrders);
    /// Revenue divided by orders.
    AverageOrderValue "averageOrderValue" Money = Formula::Ratio(Metric::Revenue, Metric::Orders);
    /// Different customers with a revenue-counting order; guests do not count.
    ActiveCustomers "activeCustomers" Count = measure(Orders, Distinct(Column::OrderCustomer), Counting);
    /// Customers won: by the source's own date, else by their first revenue-counting order.
    NewCustomers "newCustomers" Count = measure(Customers, Count, All);
    /// Orders divided by active customers; the orders of guests count as orders.
    OrdersPerCustomer "ordersPerCustomer" Average = Formula::Ratio(Metric::Orders, Metric::ActiveCustomers);
    /// Revenue divided by active customers; the revenue of guests counts as revenue.
    RevenuePerCustomer "revenuePerCustomer" Money = Formula::Ratio(Metric::Revenue, Metric::ActiveCustomers);
    /// Units on the lines of revenue-counting orders.
    Units "units" Count = measure(Lines, Sum(Column::LineQuantity), Counting);
    /// Units divided by orders.
    UnitsPerOrder "unitsPerOrder" Average = Formula::Ratio(Metric::Units, Metric::Orders);
    /// Totals of the lines of revenue-counting orders: the revenue that products and categories are told in.
    LineRevenue "lineRevenue" Money = measure(Lines, Amount(Column::LineTotal), Counting);
    /// Different orders that hold the product or category.
    OrdersWithLines "ordersWithLines" Count = measure(Lines, Distinct(Column::LineOrder), Counting);
    /// Different products sold.
    ProductsSold "productsSold" Count = measure(Lines, Distinct(Column::LineProduct), Counting);
    /// Line revenue divided by units.
    AverageUnitPrice "averageUnitPrice" Money = Formula::Ratio(Metric::LineRevenue, Metric::Units);
    /// Taken off at revenue-counting orders themselves, not at their lines.
    Discounts "discounts" Money = measure(Orders, Amount(Column::OrderDiscount), Counting);
    /// Taken off at the lines of revenue-counting orders.
    LineDiscounts "lineDiscounts" Money = measure(Lines, Amount(Column::LineDiscount), Counting);
    /// Taken off at orders and at their lines together.
    TotalDiscounts "totalDiscounts" Money = Formula::Total(Metric::Discounts, Metric::LineDiscounts);
    /// Charged for delivery by revenue-counting orders.
    Shipping "shipping" Money = measure(Orders, Amount(Column::OrderShipping), Counting);
    /// Tax within the totals of revenue-counting orders.
    Tax "tax" Money = measure(Orders, Amount(Column::OrderTax), Counting);
    /// How many refunds were given.
    RefundCount "refundCount" Count = measure(Refunds, Count, All);
    /// Different orders that something was given back for.
    RefundedOrders "refundedOrders" Count = measure(Refunds, Distinct(Column::RefundOrder), All);
    /// Units that came back, where refunds say how many.
    RefundedUnits "refundedUnits" Count = measure(Refunds, Sum(Column::RefundQuantity), All);
    /// Refunds given in the period divided by its revenue.
    RefundRate "refundRate" Ratio = Formula::Ratio(Metric::Refunds, Metric::Revenue);
    /// Refunds given in the period divided by line revenue: the refund rate that products and categories are told in.
    LineRefundRate "lineRefundRate" Ratio = Formula::Ratio(Metric::Refunds, Metric::LineRevenue);
}

impl Metric {
    /// Its entry in the catalogue.
    pub fn definition(self) -> &'static Definition {
        &METRICS[self as usize]
    }

    /// Its name in GraphQL fields and in docs.
    pub fn name(self) -> &'static str {
        self.definition().name
    }

    /// The measures that it is computed from.
    pub fn measures(self) -> Vec<Measure> {
        match self.definition().formula {
            Formula::Measure(measure) => vec![measure],
            Formula::Ratio(a, b) | Formula::Difference(a, b) | Formula::Total(a, b) => {
                let mut all = a.measures();
                all.extend(b.measures());
                all
            }
        }
    }

    /// Whether it can be null: a quotient over nothing is, a sum over nothing is zero.
    pub fn is_nullable(self) -> bool {
        matches!(self.definition().formula, Formula::Ratio(..))
    }

    /// Whether the figures of parts add up to the whole's: not so for quotients and distinct counts.
    pub fn adds_up(self) -> bool {
        !self.is_nullable() && self.measures().iter().all(|measure| !matches!(measure.aggregate, Distinct(_)))
    }

    /// Whether it can be grouped and filtered by `dimension`.
    pub fn fits(self, dimension: Dimension) -> bool {
        self.measures().iter().all(|measure| dimension.fits(measure.source))
    }
}

/// What figures can be grouped and filtered by, beside time's grains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
pub enum Dimension {
    /// Status of the order: DRAFT, SUBMITTED, CONFIRMED, SHIPPED, DELIVERED, CANCELLED.
    Status,
    /// Sales channel of the order.
    Channel,
    /// Coupon code of the order.
    Coupon,
    /// Currency that the order was placed in (ISO 4217); amounts are told in the report's currency all the same.
    Currency,
    /// Country of the order; for new customers, of the customer.
    Country,
    /// Region of the order; for new customers, of the customer.
    Region,
    /// City of the order; for new customers, of the customer.
    City,
    /// Where the customer came from.
    AcquisitionChannel,
    /// The customer, by its id.
    Customer,
    /// The sales representative, by number.
    SalesRep,
    /// The product, by its id.
    Product,
    /// The category that the product stands in directly, by its id.
    Category,
    /// Hour of the day, 0 to 23, on the report's clock.
    HourOfDay,
    /// Day of the week, 1 (Monday) to 7 (Sunday), on the report's calendar.
    DayOfWeek,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 14] = [
        Self::Status,
        Self::Channel,
        Self::Coupon,
        Self::Currency,
        Self::Country,
        Self::Region,
        Self::City,
        Self::AcquisitionChannel,
        Self::Customer,
        Self::SalesRep,
        Self::Product,
        Self::Category,
        Self::HourOfDay,
        Self::DayOfWeek,
    ];

    /// Its name, as GraphQL spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "STATUS",
            Self::Channel => "CHANNEL",
            Self::Coupon => "COUPON",
            Self::Currency => "CURRENCY",
            Self::Country => "COUNTRY",
            Self::Region => "REGION",
            Self::City => "CITY",
            Self::AcquisitionChannel => "ACQUISITION_CHANNEL",
            Self::Customer => "CUSTOMER",
            Self::SalesRep => "SALES_REP",
            Self::Product => "PRODUCT",
            Self::Category => "CATEGORY",
            Self::HourOfDay => "HOUR_OF_DAY",
            Self::DayOfWeek => "DAY_OF_WEEK",
        }
    }

    /// Names of its values with the numbers that tables hold, where these are all that there can be.
    pub fn codes(self) -> Option<&'static [(&'static str, i64)]> {
        match self {
            Self::Status => Some(entity::order::Status::CODES),
            _ => None,
        }
    }

    /// Whether facts of `source` have it.
    pub fn fits(self, source: Source) -> bool {
        match self {
            Self::Status | Self::Channel | Self::Coupon | Self::Currency | Self::SalesRep => {
                source != Source::Customers
            }
            Self::Product | Self::Category => matches!(source, Source::Lines | Source::Refunds),
            Self::Country
            | Self::Region
            | Self::City
            | Self::AcquisitionChannel
            | Self::Customer
            | Self::HourOfDay
            | Self::DayOfWeek => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_metric_is_found_under_its_own_entry_and_a_name_of_its_own() {
        let names: BTreeSet<&str> = METRICS.iter().map(|definition| definition.name).collect();
        assert_eq!(names.len(), METRICS.len());
        for definition in METRICS {
            assert_eq!(definition.metric.definition().name, definition.name);
            assert!(definition.description.ends_with('.'), "{} wants a sentence", definition.name);
        }
    }

    #[test]
    fn what_may_be_grouped_by_what() {
        assert!(Metric::Revenue.fits(Dimension::Channel));
        assert!(!Metric::Revenue.fits(Dimension::Product));
        assert!(Metric::LineRevenue.fits(Dimension::Product));
        assert!(!Metric::NewCustomers.fits(Dimension::Channel));
        assert!(!Metric::UnitsPerOrder.fits(Dimension::Category));
    }
}
