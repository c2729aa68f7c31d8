//! The figures that each report domain offers, and the rows that they stand in.

use std::sync::LazyLock;

use async_graphql::{Enum, MergedObject};

use crate::metrics::Metric;
use crate::metrics::catalogue::{Domain, METRICS};
use crate::reports::face::{BucketFields, ComparedFields, Face, GroupFields};
use crate::reports::figures::{FigureSet, FiguresObject};

/// Metrics of some domains by their own names.
fn of(domains: &[Domain]) -> Vec<(&'static str, Metric)> {
    let theirs = METRICS.iter().filter(|definition| domains.contains(&definition.domain));
    theirs.map(|definition| (definition.name, definition.metric)).collect()
}

macro_rules! rows {
    ($set:ident, $name:literal, $bucket:ident, $group:ident, $by:ty, $leading:expr) => {
        #[doc = concat!($name, " figures in one bucket of time.")]
        #[derive(MergedObject)]
        pub struct $bucket(BucketFields, FiguresObject<$set>);

        #[doc = concat!($name, " figures in one group.")]
        #[derive(MergedObject)]
        pub struct $group(GroupFields, FiguresObject<$set>, ComparedFields<$set>);

        impl From<(BucketFields, FiguresObject<$set>)> for $bucket {
            fn from((bucket, figures): (BucketFields, FiguresObject<$set>)) -> Self {
                Self(bucket, figures)
            }
        }

        impl From<(GroupFields, FiguresObject<$set>, ComparedFields<$set>)> for $group {
            fn from(
                (group, figures, compared): (GroupFields, FiguresObject<$set>, ComparedFields<$set>),
            ) -> Self {
                Self(group, figures, compared)
            }
        }

        impl Face for $set {
            type BucketRow = $bucket;
            type GroupRow = $group;
            const CHANGE: &'static str = concat!($name, "Change");
            type By = $by;
            const LEADING: $by = $leading;
        }
    };
}

macro_rules! sets {
    ($( $(#[doc = $doc:tt])+ $set:ident $name:literal $domains:expr, by $leading:ident: $bucket:ident, $group:ident; )+) => {
        $(
            $(#[doc = $doc])+
            pub struct $set;

            impl FigureSet for $set {
                const FIGURES: &'static str = concat!($name, "Figures");
                const PERCENTS: &'static str = concat!($name, "Percents");
                const DESCRIPTION: &'static str = concat!(
                    $($doc),+,
                    " Each is computed only if it is asked for; those that cannot be told by a dimension or filter say so."
                );

                fn fields() -> &'static [(&'static str, Metric)] {
                    static FIELDS: LazyLock<Vec<(&'static str, Metric)>> = LazyLock::new(|| of($domains));
                    &FIELDS
                }
            }

            rows!($set, $name, $bucket, $group, Metric, Metric::$leading);
        )+
    };
}

sets! {
    /// Figures of sales.
    Sales "Sales" &[Domain::Commerce], by Revenue: SalesBucket, SalesGroup;
    /// Figures of deals.
    Deals "Deal" &[Domain::Sales], by DealsCreated: DealBucket, DealGroup;
    /// Figures of recurring revenue.
    Recurring "Subscription" &[Domain::Subscriptions], by Mrr: SubscriptionBucket, SubscriptionGroup;
    /// Figures of customers, and of what they buy.
    Loyalty "Customer" &[Domain::Commerce, Domain::Customers], by Revenue: CustomerBucket, CustomerGroup;
    /// Figures of stock.
    Stock "Inventory" &[Domain::Inventory], by StockUnits: InventoryBucket, InventoryGroup;
    /// Figures of employees.
    Staff "Hr" &[Domain::Hr], by Headcount: HrBucket, HrGroup;
    /// Figures of tickets.
    Service "Support" &[Domain::Support], by TicketsOpened: SupportBucket, SupportGroup;
    /// Figures of campaigns.
    Campaigns "Marketing" &[Domain::Marketing], by Spend: MarketingBucket, MarketingGroup;
    /// Figures of visits, affiliates and conversions.
    Referrals "Affiliate" &[Domain::Affiliates], by AffiliateClicks: AffiliateBucket, AffiliateGroup;
}

rows!(Merchandise, "Product", ProductBucket, ProductGroup, ProductMetric, ProductMetric::Revenue);

/// What lines of orders can tell: figures of products and categories, by the names that people use there.
pub struct Merchandise;

impl FigureSet for Merchandise {
    const FIGURES: &'static str = "ProductFigures";
    const PERCENTS: &'static str = "ProductPercents";
    const DESCRIPTION: &'static str = "Figures of products and categories, told from the lines of orders. Each is computed only if it is asked for.";

    fn fields() -> &'static [(&'static str, Metric)] {
        &[
            ("revenue", Metric::LineRevenue),
            ("units", Metric::Units),
            ("unitsPerDay", Metric::UnitsPerDay),
            ("orders", Metric::OrdersWithLines),
            ("placedOrders", Metric::PlacedOrdersWithLines),
            ("cancelledOrders", Metric::CancelledOrdersWithLines),
            ("cancellationRate", Metric::LineCancellationRate),
            ("averageUnitPrice", Metric::AverageUnitPrice),
            ("discounts", Metric::LineDiscounts),
            ("cost", Metric::CostOfGoodsSold),
            ("costedRevenue", Metric::CostedRevenue),
            ("grossProfit", Metric::GrossProfit),
            ("grossMargin", Metric::GrossMargin),
            ("productsSold", Metric::ProductsSold),
            ("grossRevenue", Metric::GrossLineRevenue),
            ("grossUnits", Metric::GrossUnits),
            ("grossOrders", Metric::GrossOrdersWithLines),
            ("grossProductsSold", Metric::GrossProductsSold),
            ("refunds", Metric::Refunds),
            ("refundCount", Metric::RefundCount),
            ("refundedUnits", Metric::RefundedUnits),
            ("refundRate", Metric::LineRefundRate),
        ]
    }
}

/// What products and categories can be ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ProductMetric {
    /// Totals of their lines.
    Revenue,
    /// Units sold.
    Units,
    /// Orders that hold them.
    Orders,
    /// Orders that hold them and were cancelled.
    CancelledOrders,
    /// Cancelled orders among those placed that hold them.
    CancellationRate,
    /// Line revenue divided by units.
    AverageUnitPrice,
    /// Taken off at their lines.
    Discounts,
    /// Line revenue less cost, where it is known.
    GrossProfit,
    /// Gross profit divided by the line revenue that it is made of.
    GrossMargin,
    /// Totals of their lines on all orders whatever their status.
    GrossRevenue,
    /// Units on all orders whatever their status.
    GrossUnits,
    /// Money given back for them.
    Refunds,
    /// Units that came back.
    RefundedUnits,
    /// Refunds divided by line revenue.
    RefundRate,
}

impl From<ProductMetric> for Metric {
    fn from(metric: ProductMetric) -> Self {
        match metric {
            ProductMetric::Revenue => Self::LineRevenue,
            ProductMetric::Units => Self::Units,
            ProductMetric::Orders => Self::OrdersWithLines,
            ProductMetric::CancelledOrders => Self::CancelledOrdersWithLines,
            ProductMetric::CancellationRate => Self::LineCancellationRate,
            ProductMetric::AverageUnitPrice => Self::AverageUnitPrice,
            ProductMetric::Discounts => Self::LineDiscounts,
            ProductMetric::GrossProfit => Self::GrossProfit,
            ProductMetric::GrossMargin => Self::GrossMargin,
            ProductMetric::GrossRevenue => Self::GrossLineRevenue,
            ProductMetric::GrossUnits => Self::GrossUnits,
            ProductMetric::Refunds => Self::Refunds,
            ProductMetric::RefundedUnits => Self::RefundedUnits,
            ProductMetric::RefundRate => Self::LineRefundRate,
        }
    }
}
