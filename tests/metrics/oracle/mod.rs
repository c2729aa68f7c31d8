//! What the answer to a question must be, worked out fact by fact.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use countinghouse::metrics::{Dimension, Filter, Metric, MetricQuery, OrderBy};

use super::clock::{Span, day_of_week, hour_of_day, span_of, spans};
use super::dataset::{Customer, Dataset, Line, Order, Refund};
use super::exact::{Exchange, Fraction, digits, sum, told, whole, zero};

/// A row of an answer, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldRow {
    pub span: Option<Span>,
    pub keys: Vec<Option<String>>,
    pub values: Vec<Option<String>>,
}

/// Anything that happened.
#[derive(Clone, Copy)]
enum Fact<'a> {
    Order(&'a Order),
    Line(&'a Line, &'a Order),
    Refund(&'a Refund, &'a Order),
    Won(&'a Customer, DateTime<Utc>),
}

/// A figure of one group: its value, how it is told, and whether anything in the group went into it.
struct Figure {
    value: Option<Fraction>,
    digits: usize,
    is_there: bool,
}

/// Answers `query` over `data`.
pub fn answer(data: &Dataset, query: &MetricQuery) -> Vec<ToldRow> {
    let mut groups: BTreeMap<(Option<Span>, Vec<Option<String>>), Group> = BTreeMap::new();
    for fact in facts(data, query) {
        let at = fact.at();
        if at < query.period.start() || at >= query.period.end() {
            continue;
        }
        if !query.filters.iter().all(|filter| keeps(data, query, filter, fact)) {
            continue;
        }
        let span = query.grain.map(|grain| span_of(&query.calendar, grain, at));
        let keys = query.dimensions.iter().map(|dimension| fact.value(data, query, *dimension)).collect();
        groups.entry((span, keys)).or_default().add(fact);
    }
    let is_list = !query.dimensions.is_empty();
    if !is_list {
        let spans = query.grain.map(|grain| spans(&query.calendar, grain, &query.period));
        for span in spans.map_or(vec![None], |spans| spans.into_iter().map(Some).collect()) {
            groups.entry((span, Vec::new())).or_default();
        }
    }
    let exchange = Exchange { rates: &data.rates, to: query.currency.code(), known: &data.known };
    let mut rows = Vec::new();
    for ((span, keys), group) in groups {
        if query.named_only && keys.contains(&None) {
            continue;
        }
        let figures: Vec<Figure> =
            query.metrics.iter().map(|metric| figure(*metric, &group, &exchange)).collect();
        if !is_list || figures.iter().any(|figure| figure.is_there) {
            rows.push((span, keys, figures));
        }
    }
    rows.sort_by(|a, b| in_order(query, a, b));
    rows.truncate(query.limit.unwrap_or(u32::MAX) as usize);
    let told = |(span, keys, figures): (Option<Span>, Vec<Option<String>>, Vec<Figure>)| ToldRow {
        span,
        keys,
        values: figures.iter().map(|figure| Some(told(figure.value.as_ref()?, figure.digits))).collect(),
    };
    rows.into_iter().map(told).collect()
}

/// Every fact that any of the metrics reads. A dimension that a fact does not have is no business of it: such questions
/// are refused, and none of them come here.
fn facts<'a>(data: &'a Dataset, query: &MetricQuery) -> Vec<Fact<'a>> {
    let asked: Vec<Dimension> =
        query.dimensions.iter().copied().chain(query.filters.iter().map(|filter| filter.dimension)).collect();
    let orders = data.orders.values().map(Fact::Order);
    let lines = data.lines.iter().map(|line| Fact::Line(line, &data.orders[&line.order]));
    let refunds = data.refunds.iter().map(|refund| Fact::Refund(refund, &data.orders[&refund.order]));
    let won = data.customers.values().filter_map(|customer| Some(Fact::Won(customer, customer.won_at?)));
    let has_all = |fact: &Fact| asked.iter().all(|dimension| fact.has(*dimension));
    orders.chain(lines).chain(refunds).chain(won).filter(has_all).collect()
}

impl<'a> Fact<'a> {
    fn at(self) -> DateTime<Utc> {
        match self {
            Fact::Order(order) | Fact::Line(_, order) => order.placed_at,
            Fact::Refund(refund, _) => refund.refunded_at,
            Fact::Won(_, at) => at,
        }
    }

    fn has(self, dimension: Dimension) -> bool {
        match dimension {
            Dimension::Product | Dimension::Category => matches!(self, Fact::Line(..) | Fact::Refund(..)),
            Dimension::Status
            | Dimension::Channel
            | Dimension::Coupon
            | Dimension::Currency
            | Dimension::SalesRep => !matches!(self, Fact::Won(..)),
            Dimension::Country
            | Dimension::Region
            | Dimension::City
            | Dimension::AcquisitionChannel
            | Dimension::Customer
            | Dimension::HourOfDay
            | Dimension::DayOfWeek => true,
            _ => false,
        }
    }

    fn value(self, data: &Dataset, query: &MetricQuery, dimension: Dimension) -> Option<String> {
        let product = match self {
            Fact::Line(line, _) => Some(&line.product),
            Fact::Refund(refund, _) => refund.product.as_ref(),
            Fact::Order(_) | Fact::Won(..) => None,
        };
        match dimension {
            Dimension::HourOfDay => return Some(hour_of_day(&query.calendar, self.at())),
            Dimension::DayOfWeek => return Some(day_of_week(&query.calendar, self.at())),
            Dimension::Product => return product.cloned(),
            Dimension::Category => return data.categories[product?].clone(),
            _ => {}
        }
        match self {
            Fact::Won(customer, _) => of_customer(customer, dimension),
            Fact::Order(order) | Fact::Line(_, order) | Fact::Refund(_, order) => {
                of_order(data, order, dimension)
            }
        }
    }
}

fn of_customer(customer: &Customer, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::Country => customer.country.clone(),
        Dimension::Region => customer.region.clone(),
        Dimension::City => customer.city.clone(),
        Dimension::AcquisitionChannel => customer.acquisition_channel.clone(),
        Dimension::Customer => Some(customer.id.clone()),
        other => panic!("customers have no {other:?}"),
    }
}

fn of_order(data: &Dataset, order: &Order, dimension: Dimension) -> Option<String> {
    match dimension {
        Dimension::Status => Some(order.status.clone()),
        Dimension::Currency => Some(order.currency.clone()),
        Dimension::Channel => order.channel.clone(),
        Dimension::Coupon => order.coupon.clone(),
        Dimension::Country => order.country.clone(),
        Dimension::Region => order.region.clone(),
        Dimension::City => order.city.clone(),
        Dimension::Customer => order.customer.clone(),
        Dimension::SalesRep => order.sales_rep.clone(),
        Dimension::AcquisitionChannel => data.customers[order.customer.as_ref()?].acquisition_channel.clone(),
        other => panic!("orders have no {other:?}"),
    }
}

fn keeps(data: &Dataset, query: &MetricQuery, filter: &Filter, fact: Fact) -> bool {
    filter.values.contains(&fact.value(data, query, filter.dimension)) != filter.exclude
}

/// The facts of one group, kind by kind.
#[derive(Default)]
struct Group<'a> {
    orders: Vec<&'a Order>,
    /// Lines of orders that are neither draft nor cancelled.
    lines: Vec<(&'a Line, &'a Order)>,
    refunds: Vec<(&'a Refund, &'a Order)>,
    won: usize,
}

impl<'a> Group<'a> {
    fn add(&mut self, fact: Fact<'a>) {
        match fact {
            Fact::Order(order) => self.orders.push(order),
            Fact::Line(line, order) if order.counts() => self.lines.push((line, order)),
            Fact::Line(..) => {}
            Fact::Refund(refund, order) => self.refunds.push((refund, order)),
            Fact::Won(..) => self.won += 1,
        }
    }

    fn orders(&self, wanted: impl Fn(&Order) -> bool) -> Vec<&'a Order> {
        self.orders.iter().copied().filter(|order| wanted(order)).collect()
    }

    fn different<T: Ord>(&self, of: impl Fn(&(&'a Line, &'a Order)) -> T) -> Figure {
        count(self.lines.iter().map(of).collect::<BTreeSet<T>>().len())
    }
}

/// Every metric's meaning in the words of docs. A new one does not compile without its own.
fn figure(metric: Metric, group: &Group, exchange: &Exchange) -> Figure {
    let of = |other| figure(other, group, exchange);
    let orders = |wanted: fn(&Order) -> bool| group.orders(wanted);
    let of_orders = |wanted: fn(&Order) -> bool, column: fn(&Order) -> &Fraction| {
        let orders = group.orders(wanted);
        money(exchange, orders.iter().map(|order| (column(order), *order, order.placed_at)))
    };
    let of_lines = |column: fn(&Line) -> &Fraction| {
        money(exchange, group.lines.iter().map(|(line, order)| (column(line), *order, order.placed_at)))
    };
    let minor = digits(exchange.to);
    match metric {
        Metric::GrossRevenue => of_orders(|_| true, |order| &order.total),
        Metric::Revenue => of_orders(Order::counts, |order| &order.total),
        Metric::NetRevenue => {
            of(Metric::Revenue).with(&of(Metric::Refunds), |sales, back| Some(sales - back))
        }
        Metric::Refunds => {
            let refunds = group.refunds.iter();
            money(exchange, refunds.map(|(refund, order)| (&refund.amount, *order, refund.refunded_at)))
        }
        Metric::Orders => count(orders(Order::counts).len()),
        Metric::GrossOrders => count(group.orders.len()),
        Metric::PlacedOrders => count(orders(|order| order.status != "DRAFT").len()),
        Metric::CancelledOrders => count(orders(|order| order.status == "CANCELLED").len()),
        Metric::CancelledRevenue => of_orders(|order| order.status == "CANCELLED", |order| &order.total),
        Metric::DraftOrders => count(orders(|order| order.status == "DRAFT").len()),
        Metric::CancellationRate => share(&of(Metric::CancelledOrders), &of(Metric::PlacedOrders), 4),
        Metric::AverageOrderValue => share(&of(Metric::Revenue), &of(Metric::Orders), minor),
        Metric::ActiveCustomers => {
            let orders = orders(Order::counts);
            count(orders.iter().filter_map(|order| order.customer.as_ref()).collect::<BTreeSet<_>>().len())
        }
        Metric::NewCustomers => count(group.won),
        Metric::OrdersPerCustomer => share(&of(Metric::Orders), &of(Metric::ActiveCustomers), 2),
        Metric::RevenuePerCustomer => share(&of(Metric::Revenue), &of(Metric::ActiveCustomers), minor),
        Metric::Units => number(group.lines.iter().map(|(line, _)| line.quantity.clone()).collect()),
        Metric::UnitsPerOrder => share(&of(Metric::Units), &of(Metric::Orders), 2),
        Metric::LineRevenue => of_lines(|line| &line.total),
        Metric::OrdersWithLines => group.different(|(line, _)| &line.order),
        Metric::ProductsSold => group.different(|(line, _)| &line.product),
        Metric::AverageUnitPrice => share(&of(Metric::LineRevenue), &of(Metric::Units), minor),
        Metric::Discounts => of_orders(Order::counts, |order| &order.discount),
        Metric::LineDiscounts => of_lines(|line| &line.discount),
        Metric::TotalDiscounts => {
            of(Metric::Discounts).with(&of(Metric::LineDiscounts), |orders, lines| Some(orders + lines))
        }
        Metric::Shipping => of_orders(Order::counts, |order| &order.shipping),
        Metric::Tax => of_orders(Order::counts, |order| &order.tax),
        Metric::RefundCount => count(group.refunds.len()),
        Metric::RefundedOrders => {
            count(group.refunds.iter().map(|(refund, _)| &refund.order).collect::<BTreeSet<_>>().len())
        }
        Metric::RefundedUnits => {
            number(group.refunds.iter().filter_map(|(refund, _)| refund.quantity.clone()).collect())
        }
        Metric::RefundRate => share(&of(Metric::Refunds), &of(Metric::Revenue), 4),
        Metric::LineRefundRate => share(&of(Metric::Refunds), &of(Metric::LineRevenue), 4),
        other => panic!("{other:?} is not told here"),
    }
}

impl Figure {
    fn with(&self, other: &Self, combine: impl Fn(&Fraction, &Fraction) -> Option<Fraction>) -> Self {
        let both = self.value.as_ref().zip(other.value.as_ref());
        Self {
            value: both.and_then(|(mine, theirs)| combine(mine, theirs)),
            digits: self.digits,
            is_there: self.is_there || other.is_there,
        }
    }
}

fn count(many: usize) -> Figure {
    Figure { value: Some(whole(i64::try_from(many).unwrap())), digits: 0, is_there: many > 0 }
}

fn number(values: Vec<Fraction>) -> Figure {
    Figure { value: Some(sum(&values)), digits: 0, is_there: !values.is_empty() }
}

/// Each amount by the rate of its own UTC day; the sum is rounded once, when it is told.
fn money<'a>(
    exchange: &Exchange,
    amounts: impl Iterator<Item = (&'a Fraction, &'a Order, DateTime<Utc>)>,
) -> Figure {
    let converted: Vec<Fraction> = amounts
        .map(|(amount, order, at)| exchange.convert(amount, &order.currency, at.date_naive()))
        .collect();
    Figure { value: Some(sum(&converted)), digits: digits(exchange.to), is_there: !converted.is_empty() }
}

fn share(part: &Figure, base: &Figure, digits: usize) -> Figure {
    let quotient = part.with(base, |part, base| (*base != zero()).then(|| part / base));
    Figure { digits, ..quotient }
}

type Worked = (Option<Span>, Vec<Option<String>>, Vec<Figure>);

fn in_order(query: &MetricQuery, a: &Worked, b: &Worked) -> std::cmp::Ordering {
    let by_keys = || {
        let pairs = query.dimensions.iter().zip(a.1.iter().zip(&b.1));
        pairs
            .map(|(dimension, (a, b))| key_rank(*dimension, a).cmp(&key_rank(*dimension, b)))
            .find(|order| order.is_ne())
    };
    let by_time = || a.0.cmp(&b.0);
    let asked = query.order.map(|order| {
        let turn = |found: std::cmp::Ordering| if order.descending { found.reverse() } else { found };
        match order.by {
            OrderBy::Time => turn(by_time()),
            OrderBy::Dimension(dimension) => {
                let slot = query.dimensions.iter().position(|other| *other == dimension).unwrap();
                turn(key_rank(dimension, &a.1[slot]).cmp(&key_rank(dimension, &b.1[slot])))
            }
            OrderBy::Metric(metric) => {
                let slot = query.metrics.iter().position(|other| *other == metric).unwrap();
                match (&a.2[slot].value, &b.2[slot].value) {
                    (Some(a), Some(b)) => turn(a.cmp(b)),
                    (a, b) => a.is_none().cmp(&b.is_none()),
                }
            }
        }
    });
    asked
        .unwrap_or(std::cmp::Ordering::Equal)
        .then_with(by_time)
        .then(by_keys().unwrap_or(std::cmp::Ordering::Equal))
}

/// Values by their bytes, clock numbers by their size, no value last.
fn key_rank(dimension: Dimension, key: &Option<String>) -> (bool, usize, Option<&String>) {
    let is_number = dimension.is_of_clock();
    let number = key.as_ref().filter(|_| is_number).map_or(0, |text| text.parse().unwrap());
    (key.is_none(), number, key.as_ref())
}
