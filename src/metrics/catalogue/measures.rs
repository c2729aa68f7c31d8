//! The numbers that one pass over one source yields, and which of its rows go into them.

use super::shorthand::PLACED_AT;
use super::sources::{Column, Source, Table};

/// What one row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// A column.
    Of(Column),
    /// A column with its sign turned: what goes out, as a positive number.
    Out(Column),
    /// A column so many times.
    Scaled(Column, i64),
    /// A number of things times a price in millionths of a major unit.
    Priced(Column, Column),
    /// A price in millionths of a major unit.
    Price(Column),
    /// The time from one instant to another.
    Between(Column, Column),
    /// The time since the fact before it in the same group, by the instants in a column; the first fact has none. Told one
    /// by one alone, as percentiles are.
    SincePrevious(Column),
    /// An instant in seconds: sums of them stay within 64 bits.
    Seconds(Column),
    /// What a subscription costs a year.
    Yearly,
    /// What the units of a movement of stock cost: their own cost, else the product's; in millionths.
    AtCost,
    /// The same with the sign turned.
    OutAtCost,
    /// Units of a product in stock: as the source says, else what its movements come to.
    Stock,
    /// Its units in stock times a price in millionths.
    StockAt(Column),
}

impl Value {
    /// Whether as an amount it comes in millionths of major units, and not in minor units.
    pub fn is_in_millionths(self) -> bool {
        matches!(self, Self::Price(_) | Self::Priced(..) | Self::AtCost | Self::OutAtCost | Self::StockAt(_))
    }
}

/// How rows become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aggregate {
    /// The sum of amounts: converted where currencies differ.
    Amount(Value),
    /// The sum of a number.
    Sum(Value),
    /// How many rows.
    Count,
    /// How many different values; rows without one do not count.
    Distinct(Column),
    /// How far the smallest and the largest value lie apart.
    Stretch(Column),
    /// The latest instant in a column, in microseconds since 1970.
    Latest(Column),
    /// The value below which so many percent of them lie, between two of them in proportion; rows without one do not
    /// count.
    Percentile(Value, u8),
}

impl Aggregate {
    /// Whether the numbers of parts add up to the whole's.
    pub fn adds_up(self) -> bool {
        matches!(self, Self::Amount(_) | Self::Sum(_) | Self::Count)
    }

    /// Whether what came back is taken off, so that less than nothing may be left.
    pub fn is_less_returns(self) -> bool {
        matches!(self, Self::Amount(value) | Self::Sum(value) if matches!(value, Value::Out(_) | Value::OutAtCost))
    }
}

/// Facts of when go into a bucket's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Over {
    /// Those within the bucket.
    Within,
    /// All before it.
    Start,
    /// All up to its end.
    End,
}

macro_rules! rows {
    ($( $(#[doc = $doc:tt])+ $variant:ident $words:literal: $($table:ident . $column:ident $is:expr),*; )+) => {
        /// Which rows of a source count.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Rows { $( $(#[doc = $doc])+ $variant, )+ }

        impl Rows {
            /// What must hold of them, all of it.
            pub fn conditions(self) -> &'static [(Column, Is)] {
                match self {
                    $( Self::$variant => &[ $( (Column { table: Table::$table, name: stringify!($column) }, $is) ),* ], )+
                }
            }

            /// In what words the reference says it.
            pub fn words(self) -> &'static str {
                match self { $( Self::$variant => $words, )+ }
            }
        }
    };
}

/// What may hold of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// It is one of these codes.
    In(&'static [i16]),
    /// It is none of these codes.
    NotIn(&'static [i16]),
    /// It is at least this.
    AtLeast(i64),
    /// There is one.
    Known,
    /// There is none.
    Unknown,
    /// It is true.
    True,
    /// It is the same as another column.
    Same(Column),
    /// It is less than another column.
    Before(Column),
    /// The product has none of it in stock.
    OutOfStock,
    /// The product's stock is known.
    Counted,
}

const DRAFT: i16 = entity::order::Status::Draft.code();
const CANCELLED: i16 = entity::order::Status::Cancelled.code();
const UNREAL: Is = Is::NotIn(&[DRAFT, CANCELLED]);
const LEADS: i16 = entity::deal_stage::Stage::Leads.code();
const WON: i16 = entity::deal_stage::Stage::Won.code();
const LOST: i16 = entity::deal_stage::Stage::Lost.code();
const RECEIPT: i16 = entity::stock_movement::Kind::Receipt.code();
const SALE: i16 = entity::stock_movement::Kind::Sale.code();
const RETURN: i16 = entity::stock_movement::Kind::Return.code();
const CLICK: i16 = entity::event::Type::Click.code();
const PAGEVIEW: i16 = entity::event::Type::Pageview.code();
const PRODUCT_VIEW: i16 = entity::event::Type::ProductView.code();
const ADD_TO_CART: i16 = entity::event::Type::AddToCart.code();
const REMOVE_FROM_CART: i16 = entity::event::Type::RemoveFromCart.code();
const THANK_YOU_VIEW: i16 = entity::event::Type::ThankYouView.code();
const AWAY: [i16; 3] = {
    use entity::attendance::Status;
    [Status::Leave.code(), Status::Sick.code(), Status::Absent.code()]
};

rows! {
    /// All of them.
    All "":;
    /// Neither draft nor cancelled: what revenue is made of.
    Counting ", of orders that count": Orders.status UNREAL;
    /// Not draft.
    Placed ", not draft": Orders.status Is::NotIn(&[DRAFT]);
    /// Cancelled.
    Cancelled ", cancelled": Orders.status Is::In(&[CANCELLED]);
    /// Draft.
    Draft ", draft": Orders.status Is::In(&[DRAFT]);
    /// Orders that count, of customers; not of guests.
    OfCustomers ", that count, of customers": Orders.status UNREAL, Orders.customer_key Is::Known;
    /// Orders that count, of customers who had ordered before.
    Again ", that count, of customers with an earlier one":
        Orders.status UNREAL, Customers.first_ordered_at Is::Before(PLACED_AT);
    /// Orders that count, of customers who had not ordered before.
    First ", that count, of customers with no earlier one":
        Orders.status UNREAL, Customers.first_ordered_at Is::Same(PLACED_AT);
    /// Orders that count, with a coupon.
    WithCoupon ", that count, with a coupon": Orders.status UNREAL, Orders.coupon_code Is::Known;
    /// Lines of orders that count, of products whose cost is known.
    Costed ", of orders that count, where the product's cost is known":
        Orders.status UNREAL, Products.unit_cost_micros Is::Known;
    /// The first stage of deals.
    Leads ", LEADS": DealStages.stage Is::In(&[LEADS]);
    /// Deals won.
    Won ", WON": DealStages.stage Is::In(&[WON]);
    /// Deals lost.
    Lost ", LOST": DealStages.stage Is::In(&[LOST]);
    /// Stages that were left again.
    Left ", that were left": DealStages.left_at Is::Known;
    /// Stock that came in.
    Received ", RECEIPT": StockMovements.kind Is::In(&[RECEIPT]);
    /// Stock that was sold, and came back.
    Sold ", SALE and RETURN": StockMovements.kind Is::In(&[SALE, RETURN]);
    /// Movements of stock whose own cost is not told.
    Uncosted ", whose own cost is not told": StockMovements.unit_cost_micros Is::Unknown;
    /// Those of them that were sold, and came back.
    SoldUncosted ", SALE and RETURN, whose own cost is not told":
        StockMovements.kind Is::In(&[SALE, RETURN]), StockMovements.unit_cost_micros Is::Unknown;
    /// Products on sale.
    OnSale ", on sale": Products.is_active Is::True;
    /// Products on sale whose price is known.
    Priced ", on sale, whose price is known": Products.is_active Is::True, Products.unit_price_micros Is::Known;
    /// Products on sale that are out of stock.
    OutOfStock ", on sale, without stock": Products.is_active Is::True, Products.stock Is::OutOfStock;
    /// Products whose stock is known.
    Counted ", whose stock is known": Products.stock Is::Counted;
    /// Days on which the employee was not at work.
    Away ", LEAVE, SICK and ABSENT": Attendance.status Is::In(&AWAY);
    /// Days on which the employee was at work.
    AtWork ", PRESENT, REMOTE and LATE": Attendance.status Is::NotIn(&AWAY);
    /// Tickets that were replied to.
    Replied ", replied to": Tickets.first_replied_at Is::Known;
    /// Tickets that were opened again.
    Reopened ", opened again": Tickets.reopened_count Is::AtLeast(1);
    /// Tickets with a rating.
    Rated ", rated": Tickets.csat Is::Known;
    /// Tickets rated 4 or 5.
    Satisfied ", rated 4 or 5": Tickets.csat Is::AtLeast(4);
    /// Clicks on links with a tracking code.
    Clicked ", CLICK": Events.type Is::In(&[CLICK]);
    /// Views of pages.
    Viewed ", PAGEVIEW": Events.type Is::In(&[PAGEVIEW]);
    /// Views of products.
    ProductViewed ", PRODUCT_VIEW": Events.type Is::In(&[PRODUCT_VIEW]);
    /// Products put into carts.
    AddedToCart ", ADD_TO_CART": Events.type Is::In(&[ADD_TO_CART]);
    /// Products taken out of carts.
    RemovedFromCart ", REMOVE_FROM_CART": Events.type Is::In(&[REMOVE_FROM_CART]);
    /// Views of the page that thanks for an order.
    Thanked ", THANK_YOU_VIEW": Events.type Is::In(&[THANK_YOU_VIEW]);
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
    /// Of when.
    pub over: Over,
}

impl Measure {
    /// Within a bucket.
    pub const fn new(source: Source, aggregate: Aggregate, rows: Rows) -> Self {
        Self { source, aggregate, rows, over: Over::Within }
    }

    /// The same over facts of another time.
    #[must_use]
    pub const fn over(self, over: Over) -> Self {
        Self { over, ..self }
    }
}
