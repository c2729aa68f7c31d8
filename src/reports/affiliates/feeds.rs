//! What happened last: clicks, events and conversions one by one, the newest first; of one instant what came in last.

use entity::event;

use crate::fault::Fault;
use crate::metrics::records::{ConversionList, EventList, Listed, Stretch};
pub use crate::metrics::records::{ConversionRecord, EventRecord};
use crate::metrics::{Dimension, Filter};
use crate::money::{Currency, Money};
use crate::reports::scope::Scope;

/// Which part of a feed is wanted, counted from its newest fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// How many are left out before it.
    pub skip: u64,
    /// How many at most.
    pub most: u32,
}

/// A part of a feed.
#[derive(Clone, Debug)]
pub struct Feed<R> {
    /// The facts.
    pub rows: Vec<R>,
    /// How many the whole feed has.
    pub total: i64,
}

/// A conversion as feeds show it: in the currency of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// The record.
    pub record: ConversionRecord,
    /// What the customer pays.
    pub total: Money,
    /// What it earns; nothing where nobody says what. A fixed amount in another currency is converted by the rate of the
    /// conversion's UTC day.
    pub commission: Option<Money>,
}

/// Events of the scope's period, or those of one kind; `recent_clicks` are those of [`event::Type::Click`].
pub async fn events(
    scope: &Scope,
    kind: Option<event::Type>,
    part: Part,
) -> Result<Feed<EventRecord>, Fault> {
    feed(EventList, &of_kind(scope, kind), part).await
}

/// Conversions of the scope's period, each with the one code that it is credited to: where attribution shares, the last click's.
pub async fn conversions(scope: &Scope, part: Part) -> Result<Feed<Conversion>, Fault> {
    let scope = to_one(scope);
    let Feed { rows, total } = feed(ConversionList, &scope, part).await?;
    Ok(Feed { rows: told(&scope, &rows).await?, total })
}

/// The same facts, those of one kind.
pub(super) fn of_kind(scope: &Scope, kind: Option<event::Type>) -> Scope {
    let mut scope = scope.clone();
    scope.filters.extend(kind.map(|kind| Filter {
        dimension: Dimension::EventType,
        values: vec![Some(kind.name().to_owned())],
        exclude: false,
    }));
    scope
}

/// The same, with each conversion credited to one code.
pub(super) fn to_one(scope: &Scope) -> Scope {
    Scope { attribution: scope.attribution.to_one(), ..scope.clone() }
}

async fn feed<L: Listed>(list: L, scope: &Scope, part: Part) -> Result<Feed<L::Record>, Fault> {
    let stretch = Stretch { after: None, skip: part.skip, oldest_first: false, most: part.most };
    let (query, number) = (scope.query(&[]), [L::NUMBER]);
    let rows = scope.desk.engine().records(list, &query, stretch);
    let (rows, whole) = tokio::try_join!(rows, scope.totals(&number))?;
    Ok(Feed { rows: rows.to_vec(), total: whole.count(L::NUMBER)? })
}

/// Records with their amounts.
pub(super) async fn told(scope: &Scope, records: &[ConversionRecord]) -> Result<Vec<Conversion>, Fault> {
    let currency = |code: &str| {
        code.parse::<Currency>().map_err(|_| Fault::Internal(format!("a conversion in the currency {code}")))
    };
    let day = |record: &ConversionRecord| record.converted_at.0.div_euclid(MICROS_PER_DAY);
    let foreign = || records.iter().filter(|record| record.currency != record.order_currency).map(day);
    let rates = match foreign().min().zip(foreign().max()) {
        Some(days) => Some(scope.desk.engine().rates(days).await?),
        None => None,
    };
    let tell = |record: ConversionRecord| {
        let (own, of_rule) = (currency(&record.order_currency)?, currency(&record.currency)?);
        let worth = |minor: i64| match &rates {
            Some(rates) if own != of_rule => {
                let exact = rates.convert(minor, of_rule, own, day(&record))?;
                exact.round_to(0).ok_or(Fault::Overflow)
            }
            _ => Ok(minor),
        };
        let commission = record.commission.map(worth).transpose()?;
        let commission = commission.map(|minor| Money { minor, currency: own });
        Ok::<_, Fault>(Conversion {
            total: Money { minor: record.order_total, currency: own },
            commission,
            record,
        })
    };
    records.iter().cloned().map(tell).collect()
}

const MICROS_PER_DAY: i64 = 86_400_000_000;
