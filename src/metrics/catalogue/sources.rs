//! The facts: tables, the columns that tell when and in which currency, and how they join.

use async_graphql::Enum;

/// A table that holds facts, or says more of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// `orders`.
    Orders,
    /// `order_items`.
    OrderItems,
    /// Lines again: the other product of a pair.
    PairedItems,
    /// `refunds`.
    Refunds,
    /// `customers`.
    Customers,
    /// `products`.
    Products,
    /// `deals`.
    Deals,
    /// `deal_stages`.
    DealStages,
    /// `subscriptions`.
    Subscriptions,
    /// `stock_movements`.
    StockMovements,
    /// `employees`.
    Employees,
    /// `attendance`.
    Attendance,
    /// `tickets`.
    Tickets,
    /// `campaigns`.
    Campaigns,
    /// `campaign_days`.
    CampaignDays,
    /// `tracking_codes`.
    TrackingCodes,
    /// `events`.
    Events,
    /// `conversions`, as an attribution sees them where that is asked for.
    Conversions,
    /// What conversions earn: `conversions` with the rules of their codes and the organization's.
    Commissions,
    /// Orders again: those of conversions.
    ConvertedOrders,
    /// Lines again: those of conversions' orders.
    ConvertedItems,
}

impl Table {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Orders | Self::ConvertedOrders => "orders",
            Self::OrderItems | Self::PairedItems | Self::ConvertedItems => "order_items",
            Self::Refunds => "refunds",
            Self::Customers => "customers",
            Self::Products => "products",
            Self::Deals => "deals",
            Self::DealStages => "deal_stages",
            Self::Subscriptions => "subscriptions",
            Self::StockMovements => "stock_movements",
            Self::Employees => "employees",
            Self::Attendance => "attendance",
            Self::Tickets => "tickets",
            Self::Campaigns => "campaigns",
            Self::CampaignDays => "campaign_days",
            Self::TrackingCodes => "tracking_codes",
            Self::Events => "events",
            Self::Conversions => "conversions",
            Self::Commissions => "commissions",
        }
    }

    /// Its name in a statement.
    pub fn alias(self) -> &'static str {
        match self {
            Self::PairedItems => "paired_items",
            Self::ConvertedOrders => "converted_orders",
            Self::ConvertedItems => "converted_items",
            other => other.name(),
        }
    }

    /// What its rows point to, and the key that both have.
    pub fn points_to(self) -> &'static [(Self, &'static str)] {
        match self {
            Self::Orders | Self::Deals | Self::Subscriptions | Self::Tickets => {
                &[(Self::Customers, "customer_key")]
            }
            Self::OrderItems => &[
                (Self::Orders, "order_key"),
                (Self::Products, "product_key"),
                (Self::PairedItems, "order_key"),
            ],
            Self::Refunds => &[(Self::Orders, "order_key"), (Self::Products, "product_key")],
            Self::DealStages => &[(Self::Deals, "deal_key")],
            Self::StockMovements | Self::ConvertedItems => &[(Self::Products, "product_key")],
            Self::Attendance => &[(Self::Employees, "employee_key")],
            Self::CampaignDays => &[(Self::Campaigns, "campaign_key")],
            Self::Events => &[(Self::TrackingCodes, "tracking_code_key"), (Self::Products, "product_key")],
            Self::Conversions => {
                &[(Self::TrackingCodes, "tracking_code_key"), (Self::ConvertedOrders, "order_id")]
            }
            Self::Commissions => &[(Self::TrackingCodes, "tracking_code_key")],
            Self::ConvertedOrders => &[(Self::ConvertedItems, "order_key")],
            Self::PairedItems
            | Self::Customers
            | Self::Products
            | Self::Employees
            | Self::Campaigns
            | Self::TrackingCodes => &[],
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Column {
    /// The table.
    pub table: Table,
    /// Its name in the database.
    pub name: &'static str,
}

/// A column of a table.
pub const fn column(table: Table, name: &'static str) -> Column {
    Column { table, name }
}

/// Facts with an instant of their own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enum)]
pub enum Source {
    /// Orders, by the instant they were placed.
    Orders,
    /// Lines of orders, by the instant the order was placed.
    Lines,
    /// What the lines of orders cost the shop, by the instant the order was placed.
    LineCosts,
    /// Pairs of products on one order, by the instant it was placed.
    Pairs,
    /// Refunds, by the instant they were given.
    Refunds,
    /// Customers, by the instant they were won: the source's word, else their first revenue-counting order, else their
    /// first subscription.
    Customers,
    /// Customers, by the instant they were lost: the source's word, else the end of their last subscription; without
    /// subscriptions the last order and the organization's churn window after it. Not before it has come.
    LostCustomers,
    /// Deals, by the instant they were created.
    Deals,
    /// Deals, by the instant they were won or lost.
    ClosedDeals,
    /// Stages of deals, by the instant they were entered.
    DealStages,
    /// Subscriptions, by the instant from which they were paid for: their start, or the end of their trial.
    Subscriptions,
    /// Subscriptions, by the instant they ended; those never paid for are left out.
    EndedSubscriptions,
    /// Movements of stock, by the instant they happened.
    StockMovements,
    /// Products with their stock of now: without history.
    Stock,
    /// Employees, by the instant they were hired.
    Employees,
    /// Employees, by the instant they left.
    Leavers,
    /// Days of employees at work or not, by the day.
    Attendance,
    /// Tickets, by the instant they were opened.
    Tickets,
    /// Tickets, by the instant they were resolved.
    ResolvedTickets,
    /// Days of campaigns, by the day.
    CampaignDays,
    /// What visitors did, by the instant it happened.
    Events,
    /// Conversions, by the instant they happened.
    Conversions,
    /// What conversions earn their affiliates, by the instant they happened.
    Commissions,
    /// Conversions with the products on their orders, where those are known, by the instant they happened.
    ConvertedProducts,
}

/// When a fact happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instant {
    /// At the instant in a column.
    At(Column),
    /// On the day in a column, which starts at the report's midnight.
    Day(Column),
    /// When a customer was lost.
    Lost,
    /// At no instant: what is, now.
    Now,
}

/// How facts of a source are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The table whose rows they are.
    pub table: Table,
    /// When each happened.
    pub at: Instant,
    /// In what words the reference names them.
    pub words: &'static str,
    /// The currency of their amounts.
    pub currency: Option<Column>,
    /// The instant whose UTC day's rate converts them, where it is not their own: what comes in and goes out again is
    /// worth the same both times.
    pub worth_at: Option<Column>,
}

impl Source {
    /// Every source.
    pub const ALL: [Self; 24] = [
        Self::Orders,
        Self::Lines,
        Self::LineCosts,
        Self::Pairs,
        Self::Refunds,
        Self::Customers,
        Self::LostCustomers,
        Self::Deals,
        Self::ClosedDeals,
        Self::DealStages,
        Self::Subscriptions,
        Self::EndedSubscriptions,
        Self::StockMovements,
        Self::Stock,
        Self::Employees,
        Self::Leavers,
        Self::Attendance,
        Self::Tickets,
        Self::ResolvedTickets,
        Self::CampaignDays,
        Self::Events,
        Self::Conversions,
        Self::Commissions,
        Self::ConvertedProducts,
    ];

    /// Whether the rate of another day than their own converts its facts.
    pub fn is_worth_elsewhen(self) -> bool {
        self.facts().worth_at.is_some()
    }

    /// How its facts are read.
    pub fn facts(self) -> Facts {
        use Instant::{At, Day, Lost, Now};
        let placed = At(column(Table::Orders, "placed_at"));
        let in_order = Some(column(Table::Orders, "currency"));
        let of_product = Some(column(Table::Products, "currency"));
        let of_deal = Some(column(Table::Deals, "currency"));
        let of_subscription = Some(column(Table::Subscriptions, "currency"));
        let created = column(Table::Deals, "created_at");
        let paid_from = column(Table::Subscriptions, "paid_from");
        let converted = At(column(Table::Conversions, "converted_at"));
        let (table, at, words, currency, worth_at) = match self {
            Self::Orders => (Table::Orders, placed, "orders", in_order, None),
            Self::Lines => (Table::OrderItems, placed, "lines of orders", in_order, None),
            Self::LineCosts => (Table::OrderItems, placed, "costs of lines", of_product, None),
            Self::Pairs => (Table::OrderItems, placed, "pairs on orders", None, None),
            Self::Refunds => {
                (Table::Refunds, At(column(Table::Refunds, "refunded_at")), "refunds", in_order, None)
            }
            Self::Customers => {
                (Table::Customers, At(column(Table::Customers, "won_at")), "customers", None, None)
            }
            Self::LostCustomers => (Table::Customers, Lost, "lost customers", None, None),
            Self::Deals => (Table::Deals, At(created), "deals", of_deal, None),
            Self::ClosedDeals => {
                (Table::Deals, At(column(Table::Deals, "closed_at")), "closed deals", of_deal, Some(created))
            }
            Self::DealStages => {
                let entered = At(column(Table::DealStages, "entered_at"));
                (Table::DealStages, entered, "stages of deals", of_deal, Some(created))
            }
            Self::Subscriptions => {
                (Table::Subscriptions, At(paid_from), "subscriptions", of_subscription, None)
            }
            Self::EndedSubscriptions => {
                let until = At(column(Table::Subscriptions, "paid_until"));
                (Table::Subscriptions, until, "ended subscriptions", of_subscription, Some(paid_from))
            }
            Self::StockMovements => {
                let moved = At(column(Table::StockMovements, "moved_at"));
                (Table::StockMovements, moved, "movements of stock", of_product, None)
            }
            Self::Stock => (Table::Products, Now, "products", of_product, None),
            Self::Employees => {
                (Table::Employees, At(column(Table::Employees, "hired_at")), "employees", None, None)
            }
            Self::Leavers => {
                (Table::Employees, At(column(Table::Employees, "left_at")), "leavers", None, None)
            }
            Self::Attendance => {
                (Table::Attendance, Day(column(Table::Attendance, "day")), "days of employees", None, None)
            }
            Self::Tickets => (Table::Tickets, At(column(Table::Tickets, "opened_at")), "tickets", None, None),
            Self::ResolvedTickets => {
                (Table::Tickets, At(column(Table::Tickets, "resolved_at")), "resolved tickets", None, None)
            }
            Self::CampaignDays => {
                let currency = Some(column(Table::CampaignDays, "currency"));
                let day = Day(column(Table::CampaignDays, "day"));
                (Table::CampaignDays, day, "days of campaigns", currency, None)
            }
            Self::Events => (Table::Events, At(column(Table::Events, "occurred_at")), "events", None, None),
            Self::Conversions => {
                let currency = Some(column(Table::Conversions, "currency"));
                (Table::Conversions, converted, "conversions", currency, None)
            }
            Self::Commissions => {
                let (at, currency) = (column(Table::Commissions, "converted_at"), "currency");
                let currency = Some(column(Table::Commissions, currency));
                (Table::Commissions, At(at), "commissions", currency, None)
            }
            Self::ConvertedProducts => (Table::Conversions, converted, "products of conversions", None, None),
        };
        Facts { table, at, words, currency, worth_at }
    }

    /// The tables on the way from its own to `to`, both named; nothing where no way leads there.
    pub fn way_to(self, to: Table) -> Option<Vec<Table>> {
        self.way(self.facts().table, to)
    }

    fn way(self, from: Table, to: Table) -> Option<Vec<Table>> {
        if from == to {
            return Some(vec![from]);
        }
        from.points_to().iter().filter(|(next, _)| self.goes_to(*next)).find_map(|(next, _)| {
            let mut rest = self.way(*next, to)?;
            rest.insert(0, from);
            Some(rest)
        })
    }

    /// Whether its facts are told with the rows of `table`: one that has several to a fact is only there for who is about
    /// them.
    fn goes_to(self, table: Table) -> bool {
        match table {
            Table::PairedItems => self == Self::Pairs,
            Table::ConvertedOrders => self == Self::ConvertedProducts,
            _ => true,
        }
    }

    /// The table that each of its facts is to have a row in, or more.
    pub fn told_with(self) -> Option<Table> {
        match self {
            Self::Pairs => Some(Table::PairedItems),
            Self::ConvertedProducts => Some(Table::ConvertedItems),
            _ => None,
        }
    }

    /// Whether its facts have no history.
    pub fn is_timeless(self) -> bool {
        self.facts().at == Instant::Now
    }
}
