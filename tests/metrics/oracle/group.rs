//! The facts of one group, kind by kind in the order of time, and one bucket of it.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use countinghouse::metrics::Metric;
use countinghouse::metrics::catalogue::METRICS;

use super::super::dataset::{
    AttendedDay, CampaignDay, Conversion, Customer, Dataset, Deal, Employee, Event, Line, Movement, Order,
    Product, Refund, Stage, Subscription, Ticket,
};
use super::super::exact::{Exchange, Fraction, digits, sum, whole, zero};
use super::affiliates::Credit;
use super::facts::Fact;
use super::figure::Figure;
use super::subscriptions::Bridge;
use super::words;

/// Facts with their instants.
pub struct Timed<T>(Vec<(DateTime<Utc>, T)>);

impl<T> Default for Timed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Timed<T> {
    fn add(&mut self, at: DateTime<Utc>, fact: T) {
        self.0.push((at, fact));
    }

    fn sort(&mut self) {
        self.0.sort_by_key(|(at, _)| *at);
    }

    fn before(&self, at: DateTime<Utc>) -> usize {
        self.0.partition_point(|(other, _)| *other < at)
    }

    /// Facts before `at`, however long ago.
    pub fn until(&self, at: DateTime<Utc>) -> impl Iterator<Item = T> + '_ {
        self.between(DateTime::<Utc>::MIN_UTC, at)
    }

    fn between(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> impl Iterator<Item = T> + '_ {
        self.0[self.before(start)..self.before(end)].iter().map(|(_, fact)| *fact)
    }
}

macro_rules! group {
    ($( $kind:ident: $fact:ty = $pattern:pat => $value:expr; )+) => {
        #[derive(Default)]
        pub struct Group<'a> {
            $( pub $kind: Timed<$fact>, )+
            /// Products, as they are now.
            pub stock: Vec<&'a Product>,
            /// Sums up to each bound, by what is summed.
            sums: RefCell<HashMap<&'static str, Rc<Vec<Fraction>>>>,
            /// What subscriptions come to in a year, in the report's currency, in their order.
            pub yearly: OnceCell<Vec<(&'a Subscription, Fraction)>>,
        }

        impl<'a> Group<'a> {
            pub fn add(&mut self, at: DateTime<Utc>, fact: Fact<'a>) {
                match fact {
                    $( $pattern => self.$kind.add(at, $value), )+
                    Fact::Stock(product) => self.stock.push(product),
                }
            }

            pub fn finish(&mut self) {
                $( self.$kind.sort(); )+
            }

            fn is_quiet(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
                self.stock.is_empty() $( && self.$kind.before(start) == self.$kind.before(end) )+
            }
        }
    };
}

group! {
    orders: &'a Order = Fact::Order(order) => order;
    lines: (&'a Line, &'a Order) = Fact::Line(line, order) => (line, order);
    pairs: (&'a Line, &'a Order) = Fact::Pair(line, _, order) => (line, order);
    refunds: (&'a Refund, &'a Order) = Fact::Refund(refund, order) => (refund, order);
    won: &'a Customer = Fact::Won(customer) => customer;
    lost: &'a Customer = Fact::Lost(customer) => customer;
    created: &'a Deal = Fact::Created(deal) => deal;
    closed: &'a Deal = Fact::Closed(deal) => deal;
    stages: (&'a Stage, &'a Deal) = Fact::Entered(stage, deal) => (stage, deal);
    began: &'a Subscription = Fact::Began(subscription) => subscription;
    ended: &'a Subscription = Fact::Ended(subscription) => subscription;
    moved: &'a Movement = Fact::Moved(movement) => movement;
    hired: &'a Employee = Fact::Hired(employee) => employee;
    left: &'a Employee = Fact::Left(employee) => employee;
    days: &'a AttendedDay = Fact::Day(day, _) => day;
    opened: &'a Ticket = Fact::Opened(ticket) => ticket;
    resolved: &'a Ticket = Fact::Resolved(ticket) => ticket;
    campaigns: &'a CampaignDay = Fact::Campaign(day) => day;
    tracked: &'a Event = Fact::Tracked(event) => event;
    credits: Credit<'a> = Fact::Credited(credit) => credit;
    converted: (&'a Conversion, &'a Line) = Fact::Converted(conversion, line) => (conversion, line);
}

/// One bucket of a group, as far as it lies in the period.
pub struct Bucket<'a> {
    pub data: &'a Dataset,
    pub exchange: &'a Exchange<'a>,
    pub group: &'a Group<'a>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// How much time the group has in it.
    pub length: TimeDelta,
    /// The edges of all buckets, and which of them this one's start is.
    bounds: &'a [DateTime<Utc>],
    place: usize,
    known: RefCell<Vec<Option<Figure>>>,
    pub bridge: OnceCell<Bridge>,
}

impl<'a> Bucket<'a> {
    pub fn new(
        data: &'a Dataset,
        exchange: &'a Exchange<'a>,
        group: &'a Group<'a>,
        bounds: &'a [DateTime<Utc>],
        place: usize,
        length: TimeDelta,
    ) -> Self {
        Self {
            data,
            exchange,
            group,
            start: bounds[place],
            end: bounds[place + 1],
            length,
            bounds,
            place,
            known: RefCell::new(vec![None; METRICS.len()]),
            bridge: OnceCell::new(),
        }
    }

    /// Whether nothing happens in it.
    pub fn is_quiet(&self) -> bool {
        self.group.is_quiet(self.start, self.end)
    }

    pub fn figure(&self, metric: Metric) -> Figure {
        let known = self.known.borrow()[metric as usize].clone();
        known.unwrap_or_else(|| {
            let figure = words::figure(metric, self);
            self.known.borrow_mut()[metric as usize] = Some(figure.clone());
            figure
        })
    }

    /// Digits of the report's currency.
    pub fn minor(&self) -> usize {
        digits(self.exchange.to)
    }

    /// Facts within the bucket.
    pub fn within<T: Copy>(&self, facts: &'a Timed<T>) -> impl Iterator<Item = T> + 'a {
        facts.between(self.start, self.end)
    }

    /// The sum over all facts up to the bucket's start and up to its end. Sums up to one edge go on to the next.
    pub fn sums<T: Copy>(
        &self,
        what: &'static str,
        facts: &'a Timed<T>,
        value: impl Fn(T) -> Option<Fraction>,
    ) -> (Fraction, Fraction) {
        let known = self.group.sums.borrow().get(what).cloned();
        let sums = known.unwrap_or_else(|| {
            let mut reached = DateTime::<Utc>::MIN_UTC;
            let mut total = zero();
            let mut sums = Vec::new();
            for bound in self.bounds {
                let values: Vec<Fraction> = facts.between(reached, *bound).filter_map(&value).collect();
                total += sum(&values);
                sums.push(total.clone());
                reached = *bound;
            }
            let sums = Rc::new(sums);
            self.group.sums.borrow_mut().insert(what, Rc::clone(&sums));
            sums
        });
        (sums[self.place].clone(), sums[self.place + 1].clone())
    }

    pub fn convert(&self, amount: &Fraction, currency: &str, day: NaiveDate) -> Fraction {
        self.exchange.convert(amount, currency, day)
    }

    /// Each amount by the rate of its own day; the sum is rounded once, when it is told.
    pub fn money<'b>(&self, amounts: impl Iterator<Item = (Fraction, &'b str, NaiveDate)>) -> Figure {
        let converted: Vec<Fraction> =
            amounts.map(|(amount, currency, day)| self.convert(&amount, currency, day)).collect();
        Figure::sum(&converted, self.minor())
    }
}

pub fn days(length: TimeDelta) -> Fraction {
    whole(length.num_microseconds().unwrap()) / whole(86_400_000_000)
}

pub fn hours(length: TimeDelta) -> Fraction {
    whole(length.num_microseconds().unwrap()) / whole(3_600_000_000)
}
