//! Which rollups of an organization there are, and which days they say nothing of.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};

use super::cover::{Latest, Stock};
use super::rows::next_month;
use super::view::{Unanswered, View};
use super::{Kind, Level, Topic, kinds};
use crate::metrics::catalogue::Source;
use crate::period::Calendar;
use crate::principal::OrganizationId;

/// What is known of an organization's rollups.
#[derive(Debug)]
pub struct Known {
    /// What stays as long as nothing comes but orders.
    pub settled: Arc<Settled>,
    /// Orders that are in no block.
    latest: Option<Latest>,
}

/// What is known but for orders that came last.
#[derive(Debug, Default)]
pub struct Settled {
    /// The first day that is not added up, by kind.
    pub until: HashMap<i16, i64>,
    stale: HashMap<i16, BTreeSet<i64>>,
    left_out: HashMap<i16, BTreeSet<i64>>,
    /// By the first kind of a source, which has whatever others have.
    months: HashMap<i16, BTreeSet<i64>>,
    /// Those that are there with amounts that are converted.
    converted: HashMap<i16, BTreeSet<i64>>,
}

impl Known {
    /// Reads it.
    pub async fn read(view: &mut View<'_>) -> Result<Self, Unanswered> {
        let organization = view.organization().id;
        let firsts = kinds().chunk_by(|kind, next| kind.source == next.source).map(|alike| alike[0].number);
        let firsts: Vec<i16> = firsts.collect();
        let row = |what: i64, columns: [Expr; 3], table: &'static str| {
            let mut select = Query::select();
            select.expr(Expr::val(what).cast_as("bigint"));
            for column in columns {
                select.expr(column.cast_as("bigint"));
            }
            select.from(table).and_where(Expr::col("organization_id").eq(organization.0)).take()
        };
        let mut all = row(0, ["kind", "shape", "until_day"].map(Expr::col), "rollup_states");
        let [topic, day] = ["topic", "day"].map(Expr::col);
        let stale = row(1, [topic.clone(), day.clone(), Expr::col("marks")], "stale_days");
        all.union(UnionType::All, stale);
        let mut left_out = row(2, [topic, day, Expr::val(0_i64)], "stale_days");
        all.union(UnionType::All, left_out.and_where(Expr::col("left_out").eq(true)).take());
        let mut months = row(3, ["kind", "day", "level"].map(Expr::col), "rollups");
        months.and_where(Expr::col("level").is_in([Level::Month as i16, Level::Converted as i16]));
        months.and_where(Expr::col("kind").is_in(firsts));
        all.union(UnionType::All, months);
        let after = view.rolled_orders();
        all.union(UnionType::All, latest(organization, after));
        let (mut known, mut latest) = (Settled::default(), None);
        view.read(&all, |row: &QueryResult| {
            let number = |place: usize| row.try_get_by_index::<i64>(place);
            let (what, one, two, three) = (number(0)?, number(1)?, number(2)?, number(3)?);
            let one = i16::try_from(one).unwrap_or(-1);
            match what {
                0 if Kind::numbered(one).is_some_and(|kind| kind.shape() == two) => {
                    known.until.insert(one, three);
                }
                1 if three > 0 => drop(known.stale.entry(one).or_default().insert(two)),
                2 => drop(known.left_out.entry(one).or_default().insert(two)),
                3 => {
                    let of_level = if three == Level::Converted as i64 {
                        &mut known.converted
                    } else {
                        &mut known.months
                    };
                    of_level.entry(one).or_default().insert(two);
                }
                4 => latest = Some(Latest::of(after, [two, three])),
                _ => {}
            }
            Ok(())
        })
        .await?;
        // From the first day on whose rate is another one, amounts are not worth what they are converted to.
        if let Some(day) = known.stale.get(&(Topic::Rates as i16)).and_then(BTreeSet::first) {
            for months in known.converted.values_mut() {
                months.retain(|month| next_month(*month).is_some_and(|end| end <= *day));
            }
        }
        Ok(Self { settled: Arc::new(known), latest })
    }

    /// The same where orders came since.
    pub async fn with_latest(view: &mut View<'_>, settled: Arc<Settled>) -> Result<Self, Unanswered> {
        let (after, mut found) = (view.rolled_orders(), None);
        let select = latest(view.organization().id, after);
        view.read(&select, |row: &QueryResult| {
            found = Some(Latest::of(after, [row.try_get_by_index(2)?, row.try_get_by_index(3)?]));
            Ok(())
        })
        .await?;
        Ok(Self { settled, latest: found })
    }

    /// What there is to make up a period of one kind.
    pub fn stock(&self, kind: &Kind, calendar: Calendar) -> Stock<'_> {
        static NONE: BTreeSet<i64> = BTreeSet::new();
        let (first, settled) = (first_of(kind.source).unwrap_or(kind.number), &self.settled);
        Stock {
            calendar,
            months: settled.months.get(&first).unwrap_or(&NONE),
            converted: settled.converted.get(&first).unwrap_or(&NONE),
            stale: settled.stale.get(&(kind.topic() as i16)).unwrap_or(&NONE),
            left_out: settled.left_out.get(&(kind.topic() as i16)).unwrap_or(&NONE),
            until: settled.until.get(&kind.number).copied().unwrap_or(i64::MIN),
            is_fine: kind.is_fine,
            latest: self.latest.filter(|_| kind.topic() == Topic::Orders),
        }
    }
}

impl Settled {
    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        let sets = [&self.stale, &self.left_out, &self.months, &self.converted]
            .into_iter()
            .flat_map(HashMap::values);
        self.until.len() + sets.map(BTreeSet::len).sum::<usize>()
    }
}

/// When the orders after a key were placed, first and last; no row where there are none.
fn latest(organization: OrganizationId, after: i64) -> SelectStatement {
    // Not the column as it is, whose least and largest would be looked up in its index, among all orders.
    let placed = || Expr::col("placed_at").add(0_i64);
    Query::select()
        .exprs(
            [Expr::val(4_i64), Expr::val(0_i64), placed().min(), placed().max()]
                .map(|number| number.cast_as("bigint")),
        )
        .from("orders")
        .and_where(Expr::col("organization_id").eq(organization.0))
        .and_where(Expr::col("order_key").gt(after))
        .and_having(Expr::col("order_key").count().gt(0_i64))
        .take()
}

/// The first kind of a source: every fact is in its blocks, so that it says which months there are.
fn first_of(source: Source) -> Option<i16> {
    kinds().iter().find(|kind| kind.source == source).map(|kind| kind.number)
}
