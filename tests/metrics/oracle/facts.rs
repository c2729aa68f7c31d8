//! Everything that happened, when, and what tells it apart.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use countinghouse::metrics::{Dimension, MetricQuery};

use super::super::clock::{day_of_week, first_instant, hour_of_day, local};
use super::super::dataset::{
    AttendedDay, CampaignDay, Conversion, Customer, Dataset, Deal, Employee, Event, Line, Movement, Order,
    Product, Refund, Stage, Subscription, Ticket,
};
use super::affiliates::{self, Credit, credits};

/// Anything that happened, or is.
#[derive(Clone, Copy)]
pub enum Fact<'a> {
    Order(&'a Order),
    Line(&'a Line, &'a Order),
    /// Two products on one order; the first is the one that came first into the books.
    Pair(&'a Line, &'a Line, &'a Order),
    Refund(&'a Refund, &'a Order),
    Won(&'a Customer),
    Lost(&'a Customer),
    Created(&'a Deal),
    Closed(&'a Deal),
    Entered(&'a Stage, &'a Deal),
    Began(&'a Subscription),
    Ended(&'a Subscription),
    Moved(&'a Movement),
    Stock(&'a Product),
    Hired(&'a Employee),
    Left(&'a Employee),
    Day(&'a AttendedDay, &'a Employee),
    Opened(&'a Ticket),
    Resolved(&'a Ticket),
    Campaign(&'a CampaignDay),
    Tracked(&'a Event),
    Credited(Credit<'a>),
    Converted(&'a Conversion, &'a Line),
}

/// Every fact before the period's end that any metric could read, with its instant. A dimension that a fact does not
/// have is no business of it: questions that need both are refused, and none of them come here.
pub fn facts<'a>(data: &'a Dataset, query: &MetricQuery) -> Vec<(DateTime<Utc>, Fact<'a>)> {
    let mut found = Vec::new();
    let mut midnights: HashMap<NaiveDate, DateTime<Utc>> = HashMap::new();
    let mut midnight =
        |day: NaiveDate| *midnights.entry(day).or_insert_with(|| first_instant(&query.calendar, day));
    let mut add = |at: DateTime<Utc>, fact: Fact<'a>| {
        let is_asked = |dimension: Dimension| fact.has(dimension);
        let is_kept = || {
            query.filters.iter().all(|filter| {
                filter.values.contains(&fact.value(data, query, at, filter.dimension)) != filter.exclude
            })
        };
        if at < query.period.end()
            && query.dimensions.iter().all(|dimension| is_asked(*dimension))
            && query.filters.iter().all(|filter| is_asked(filter.dimension))
            && is_kept()
        {
            found.push((at, fact));
        }
    };
    let mut lines: HashMap<&str, Vec<&Line>> = HashMap::new();
    for line in &data.lines {
        let order = &data.orders[&line.order];
        add(order.placed_at, Fact::Line(line, order));
        let others = lines.entry(&line.order).or_default();
        for other in &*others {
            let (place, others) = (data.products[&line.product].place, data.products[&other.product].place);
            match place.cmp(&others) {
                std::cmp::Ordering::Less => add(order.placed_at, Fact::Pair(line, other, order)),
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => add(order.placed_at, Fact::Pair(other, line, order)),
            }
        }
        others.push(line);
    }
    for order in data.orders.values() {
        add(order.placed_at, Fact::Order(order));
    }
    for refund in &data.refunds {
        add(refund.refunded_at, Fact::Refund(refund, &data.orders[&refund.order]));
    }
    for customer in data.customers.values() {
        if let Some(at) = customer.won_at {
            add(at, Fact::Won(customer));
        }
        if let Some(at) = customer.lost_at {
            add(at, Fact::Lost(customer));
        }
    }
    for deal in data.deals.values() {
        add(deal.created_at, Fact::Created(deal));
        if let Some(at) = deal.closed_at {
            add(at, Fact::Closed(deal));
        }
    }
    for stage in &data.stages {
        add(stage.entered_at, Fact::Entered(stage, &data.deals[&stage.deal]));
    }
    for subscription in &data.subscriptions {
        let Some((from, until)) = subscription.paid else { continue };
        add(from, Fact::Began(subscription));
        if let Some(at) = until {
            add(at, Fact::Ended(subscription));
        }
    }
    for movement in &data.movements {
        add(movement.moved_at, Fact::Moved(movement));
    }
    for product in data.products.values() {
        // Whatever the period, it is now.
        add(query.period.start(), Fact::Stock(product));
    }
    for employee in data.employees.values() {
        add(employee.hired_at, Fact::Hired(employee));
        if let Some(at) = employee.left_at {
            add(at, Fact::Left(employee));
        }
    }
    for day in &data.attendance {
        add(midnight(day.day), Fact::Day(day, &data.employees[&day.employee]));
    }
    for ticket in &data.tickets {
        add(ticket.opened_at, Fact::Opened(ticket));
        if let Some(at) = ticket.resolved_at {
            add(at, Fact::Resolved(ticket));
        }
    }
    for day in &data.campaign_days {
        add(midnight(day.day), Fact::Campaign(day));
    }
    for event in &data.events {
        add(event.at, Fact::Tracked(event));
    }
    for credit in credits(data, query.attribution) {
        add(credit.conversion.at, Fact::Credited(credit));
    }
    for conversion in &data.conversions {
        let held = conversion.order.as_deref().and_then(|order| lines.get(order));
        held.into_iter().flatten().for_each(|line| add(conversion.at, Fact::Converted(conversion, line)));
    }
    found
}

impl<'a> Fact<'a> {
    fn order(self) -> Option<&'a Order> {
        match self {
            Fact::Order(order) | Fact::Line(_, order) | Fact::Pair(_, _, order) | Fact::Refund(_, order) => {
                Some(order)
            }
            _ => None,
        }
    }

    fn deal(self) -> Option<&'a Deal> {
        match self {
            Fact::Created(deal) | Fact::Closed(deal) | Fact::Entered(_, deal) => Some(deal),
            _ => None,
        }
    }

    fn subscription(self) -> Option<&'a Subscription> {
        match self {
            Fact::Began(subscription) | Fact::Ended(subscription) => Some(subscription),
            _ => None,
        }
    }

    fn employee(self) -> Option<&'a Employee> {
        match self {
            Fact::Hired(employee) | Fact::Left(employee) | Fact::Day(_, employee) => Some(employee),
            _ => None,
        }
    }

    fn ticket(self) -> Option<&'a Ticket> {
        match self {
            Fact::Opened(ticket) | Fact::Resolved(ticket) => Some(ticket),
            _ => None,
        }
    }

    fn campaign(self) -> Option<&'a CampaignDay> {
        if let Fact::Campaign(day) = self { Some(day) } else { None }
    }

    fn event(self) -> Option<&'a Event> {
        if let Fact::Tracked(event) = self { Some(event) } else { None }
    }

    fn is_of_codes(self) -> bool {
        matches!(self, Fact::Tracked(_) | Fact::Credited(_))
    }

    fn tracking_code(self) -> Option<&'a String> {
        match self {
            Fact::Tracked(event) => event.code.as_ref(),
            Fact::Credited(credit) => credit.code,
            _ => None,
        }
    }

    fn is_of_customers(self) -> bool {
        matches!(self, Fact::Won(_) | Fact::Lost(_))
            || self.order().is_some()
            || self.deal().is_some()
            || self.subscription().is_some()
            || self.ticket().is_some()
    }

    fn has(self, dimension: Dimension) -> bool {
        match dimension {
            Dimension::Status | Dimension::Coupon => self.order().is_some(),
            Dimension::Channel => {
                self.order().is_some() || self.ticket().is_some() || self.campaign().is_some()
            }
            Dimension::RefundReason => matches!(self, Fact::Refund(..)),
            Dimension::Currency => {
                self.order().is_some()
                    || self.deal().is_some()
                    || self.subscription().is_some()
                    || self.campaign().is_some()
                    || matches!(
                        self,
                        Fact::Moved(_) | Fact::Stock(_) | Fact::Credited(_) | Fact::Converted(..)
                    )
            }
            Dimension::Country => self.is_of_customers() || self.event().is_some(),
            Dimension::Region | Dimension::City | Dimension::Customer => self.is_of_customers(),
            Dimension::AcquisitionChannel => self.is_of_customers() || self.campaign().is_some(),
            Dimension::Cohort => matches!(self, Fact::Order(_)),
            Dimension::SalesRep => self.order().is_some() || self.deal().is_some(),
            Dimension::Product | Dimension::Category => {
                matches!(self, Fact::Moved(_) | Fact::Stock(_) | Fact::Tracked(_) | Fact::Converted(..))
                    || self.order().is_some() && !matches!(self, Fact::Order(_))
            }
            Dimension::PairedProduct => matches!(self, Fact::Pair(..)),
            Dimension::Stage => matches!(self, Fact::Entered(..)),
            Dimension::DealSource => self.deal().is_some(),
            Dimension::Plan | Dimension::BillingInterval => self.subscription().is_some(),
            Dimension::MovementKind => matches!(self, Fact::Moved(_)),
            Dimension::Department | Dimension::Location | Dimension::JobTitle | Dimension::LeaveReason => {
                self.employee().is_some()
            }
            Dimension::Attendance => matches!(self, Fact::Day(..)),
            Dimension::Priority | Dimension::TicketCategory | Dimension::Agent => self.ticket().is_some(),
            Dimension::Campaign => self.campaign().is_some(),
            Dimension::TrackingCode | Dimension::Affiliate => self.is_of_codes(),
            Dimension::EventType
            | Dimension::Page
            | Dimension::Referrer
            | Dimension::Device
            | Dimension::Browser
            | Dimension::OperatingSystem
            | Dimension::TrafficSource => self.event().is_some(),
            Dimension::HourOfDay => !matches!(self, Fact::Stock(_) | Fact::Day(..) | Fact::Campaign(_)),
            Dimension::DayOfWeek => !matches!(self, Fact::Stock(_)),
        }
    }

    fn product(self) -> Option<&'a String> {
        match self {
            Fact::Line(line, _) | Fact::Pair(line, ..) | Fact::Converted(_, line) => Some(&line.product),
            Fact::Refund(refund, _) => refund.product.as_ref(),
            Fact::Moved(movement) => Some(&movement.product),
            Fact::Stock(product) => Some(&product.id),
            Fact::Tracked(event) => event.product.as_ref(),
            _ => None,
        }
    }

    fn customer(self, data: &'a Dataset) -> Option<&'a Customer> {
        if let Fact::Won(customer) | Fact::Lost(customer) = self {
            return Some(customer);
        }
        let of_order = self.order().and_then(|order| order.customer.as_ref());
        let of_deal = self.deal().and_then(|deal| deal.customer.as_ref());
        let of_ticket = self.ticket().and_then(|ticket| ticket.customer.as_ref());
        let of_subscription = self.subscription().map(|subscription| &subscription.customer);
        Some(&data.customers[of_order.or(of_deal).or(of_ticket).or(of_subscription)?])
    }

    fn currency(self, data: &'a Dataset) -> Option<&'a String> {
        let of_order = self.order().map(|order| &order.currency);
        let of_deal = self.deal().map(|deal| &deal.currency);
        let of_subscription = self.subscription().map(|subscription| &subscription.currency);
        let of_campaign = self.campaign().map(|day| &day.currency);
        if let Fact::Credited(Credit { conversion, .. }) | Fact::Converted(conversion, _) = self {
            return Some(&conversion.currency);
        }
        let of_product = || Some(&data.products[self.product()?].currency);
        of_order.or(of_deal).or(of_subscription).or(of_campaign).or_else(of_product)
    }

    /// Month of the first order, if that lies in the period.
    fn cohort(self, data: &Dataset, query: &MetricQuery) -> Option<String> {
        let first = self.customer(data)?.first_ordered_at?;
        let is_within = query.period.start() <= first && first < query.period.end();
        is_within.then(|| local(&query.calendar, first).format("%Y-%m").to_string())
    }

    pub fn value(
        self,
        data: &Dataset,
        query: &MetricQuery,
        at: DateTime<Utc>,
        dimension: Dimension,
    ) -> Option<String> {
        // Where the order went; elsewhere where the customer is.
        let place = |of_order: fn(&Order) -> &Option<String>, of: fn(&Customer) -> &Option<String>| {
            self.order().map_or_else(
                || self.customer(data).and_then(|customer| of(customer).clone()),
                |order| of_order(order).clone(),
            )
        };
        let of_employee = |of: fn(&Employee) -> &Option<String>| of(self.employee()?).clone();
        let of_ticket = |of: fn(&Ticket) -> &Option<String>| of(self.ticket()?).clone();
        let of_campaign = || Some(self.campaign()?.channel.clone());
        match dimension {
            Dimension::Status => Some(self.order()?.status.clone()),
            Dimension::Channel => match self.order() {
                Some(order) => order.channel.clone(),
                None => of_ticket(|ticket| &ticket.channel).or_else(of_campaign),
            },
            Dimension::Coupon => self.order()?.coupon.clone(),
            Dimension::RefundReason => {
                if let Fact::Refund(refund, _) = self {
                    refund.reason.clone()
                } else {
                    None
                }
            }
            Dimension::Currency => self.currency(data).cloned(),
            Dimension::Country if self.event().is_some() => self.event()?.country.clone(),
            Dimension::Country => place(|order| &order.country, |customer| &customer.country),
            Dimension::Region => place(|order| &order.region, |customer| &customer.region),
            Dimension::City => place(|order| &order.city, |customer| &customer.city),
            Dimension::AcquisitionChannel => match self.campaign() {
                Some(day) => Some(day.channel.clone()),
                None => self.customer(data)?.acquisition_channel.clone(),
            },
            Dimension::Customer => Some(self.customer(data)?.id.clone()),
            Dimension::Cohort => self.cohort(data, query),
            Dimension::SalesRep => match self.order() {
                Some(order) => order.sales_rep.clone(),
                None => self.deal()?.sales_rep.clone(),
            },
            Dimension::Product => self.product().cloned(),
            Dimension::PairedProduct => {
                if let Fact::Pair(_, other, _) = self {
                    Some(other.product.clone())
                } else {
                    None
                }
            }
            Dimension::Category => data.products[self.product()?].category.clone(),
            Dimension::Stage => {
                if let Fact::Entered(stage, _) = self {
                    Some(stage.name.clone())
                } else {
                    None
                }
            }
            Dimension::DealSource => self.deal()?.source.clone(),
            Dimension::Plan => Some(self.subscription()?.plan.clone()),
            Dimension::BillingInterval => Some(self.subscription()?.interval.clone()),
            Dimension::MovementKind => {
                if let Fact::Moved(movement) = self {
                    Some(movement.kind.clone())
                } else {
                    None
                }
            }
            Dimension::Department => Some(self.employee()?.department.clone()),
            Dimension::Location => of_employee(|employee| &employee.location),
            Dimension::JobTitle => of_employee(|employee| &employee.title),
            Dimension::LeaveReason => of_employee(|employee| &employee.leave_reason),
            Dimension::Attendance => {
                if let Fact::Day(day, _) = self {
                    Some(day.status.clone())
                } else {
                    None
                }
            }
            Dimension::Priority => of_ticket(|ticket| &ticket.priority),
            Dimension::TicketCategory => of_ticket(|ticket| &ticket.category),
            Dimension::Agent => of_ticket(|ticket| &ticket.agent),
            Dimension::Campaign => Some(self.campaign()?.campaign.clone()),
            Dimension::TrackingCode => self.tracking_code().cloned(),
            Dimension::Affiliate => data.codes[self.tracking_code()?].affiliate.clone(),
            Dimension::HourOfDay => Some(hour_of_day(&query.calendar, at)),
            Dimension::DayOfWeek => Some(day_of_week(&query.calendar, at)),
            of_event => affiliates::of_event(self.event()?, of_event),
        }
    }
}
