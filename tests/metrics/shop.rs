//! The shop that is asked: a demo folder, roughened, imported, and read again by the oracle.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use countinghouse::clock::Clock;
use countinghouse::demo;
use countinghouse::fault::Fault;
use countinghouse::ingest::{ImportOptions, Silent, import_folder};
use countinghouse::metrics::rollup::{Step, Topic, Upkeep};
use countinghouse::metrics::{Engine, Means, Metric, MetricQuery};
use countinghouse::organizations::{self, CommissionRule, NewOrganization, OrganizationChange};
use countinghouse::period::{Calendar, Period};
use countinghouse::principal::Organization;
use countinghouse::reports::Gateway;
use entity::{organization, stale_day};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::clock::Span;
use super::dataset::Dataset;
use super::oracle::{self, ToldRow};
use super::weather::weather;
use crate::support::TestDatabase;

pub struct Shop {
    pub data: Dataset,
    pub organization: Arc<Organization>,
    pub gateway: Gateway,
}

/// The last day that anything happened on; the first is 2024-03-01.
pub const END: &str = "2026-02-28";

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

pub fn period(start: &str, end: &str) -> Period {
    Period::new(at(start), at(end)).expect("a period")
}

/// What conversions earn where neither they nor their code say.
pub const DEFAULT_RATE: &str = "0.0333";

/// Orders that came after those that are added up.
const LATEST: i64 = 40;

/// All of it, and a little more on both sides.
pub fn all_time() -> Period {
    period("2024-03-01T00:00:00Z", "2026-03-02T00:00:00Z")
}

impl Shop {
    /// Opens the shop in `database`.
    pub async fn open(database: &TestDatabase) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let end: NaiveDate = END.parse().expect("a day");
        demo::write(&demo::Shop { orders: 350, seed: 11, end }, folder.path()).expect("it writes");
        weather(folder.path());
        let db = &database.connection;
        let new = NewOrganization {
            external_id: "shop".to_owned(),
            name: demo::NAME.to_owned(),
            currency: demo::CURRENCY.parse().expect("a currency"),
            time_zone: demo::TIME_ZONE.parse().expect("a time zone"),
        };
        let made =
            organizations::find_or_create(db, new, at("2026-03-01T00:00:00Z")).await.expect("it is made");
        let options = ImportOptions::default();
        let share = CommissionRule::Share(33_300);
        let change = OrganizationChange { commission: Some(share), ..OrganizationChange::default() };
        assert!(organizations::change(db, "shop", change).await.expect("it is changed"));
        import_folder(db, &made, folder.path(), &options, &Silent).await.expect("the folder imports");
        let organization = organizations::find(db, "shop").await.expect("it reads").expect("it is there");
        let clock = Clock::Fixed(at("2026-03-01T09:00:00Z"));
        Self {
            data: Dataset::read(folder.path(), demo::CURRENCY, clock.now()),
            organization: Arc::new(organization),
            gateway: Gateway { clock, ..Gateway::new(db.clone()) },
        }
    }

    /// The same shop, its facts added up; but for every seventh day, which stays to be read from facts, and the orders that
    /// came last.
    pub async fn rolled(database: &TestDatabase) -> Self {
        let shop = Self::open(database).await;
        let db = &database.connection;
        let upkeep = Upkeep::new(db.clone()).in_haste();
        assert_eq!(upkeep.step(&shop.organization).await, Ok(Step::Begun));
        let without_last = organization::Entity::update_many().col_expr(
            organization::Column::RolledOrders,
            Expr::col(organization::Column::RolledOrders).sub(LATEST),
        );
        without_last.exec(db).await.expect("they came later");
        upkeep.all(&shop.organization, &mut |_| {}).await.expect("they are added up");
        let (first, last) = (19_783, 20_512);
        let stale = (first..last).step_by(7).map(|day| stale_day::ActiveModel {
            organization_id: Set(shop.organization.id.0),
            topic: Set(Topic::Orders as i16),
            day: Set(day),
            marks: Set(1),
            ..stale_day::ActiveModel::default()
        });
        stale_day::Entity::insert_many(stale.take(20)).exec_without_returning(db).await.expect("marked");
        shop
    }

    /// The semantic layer, with time enough for a busy machine.
    pub fn engine(&self) -> Engine {
        let means = self.gateway.means.clone();
        Engine::new(
            Means { deadline: means.deadline * 6, ..means },
            self.organization.id,
            self.gateway.clock.now(),
        )
    }

    /// What the semantic layer answers.
    pub async fn ask(&self, query: &MetricQuery) -> Result<Vec<ToldRow>, Fault> {
        let table = self.engine().ask(query).await?;
        let told = table.rows.into_iter().map(|row| {
            let values: Result<_, Fault> =
                query.metrics.iter().map(|metric| row.figures.text(*metric)).collect();
            let span =
                row.bucket.map(|bucket| Span { start: bucket.start, end: bucket.end, date: bucket.date });
            Ok(ToldRow { span, keys: row.keys, values: values? })
        });
        told.collect()
    }

    /// Fails unless the semantic layer and the oracle tell the same table; returns how many rows it has.
    pub async fn check(&self, query: &MetricQuery) -> usize {
        let about = MetricQuery { metrics: Vec::new(), ..query.clone() };
        let asked = &query.metrics;
        let told = self.ask(query).await.unwrap_or_else(|fault| panic!("{fault:?}: {query:#?}"));
        let expected = oracle::answer(&self.data, query);
        for (place, (told, expected)) in told.iter().zip(&expected).enumerate() {
            let head = (&told.span, &told.keys);
            let differ = format!("row {place} of {asked:?}, {about:?}: {told:?}");
            assert_eq!(head, (&expected.span, &expected.keys), "{differ}");
            let values = asked.iter().zip(told.values.iter().zip(&expected.values));
            let apart: Vec<_> = values.filter(|(_, (told, expected))| told != expected).collect();
            assert!(apart.is_empty(), "told and expected {apart:?} in {head:?} of {about:?}");
        }
        assert_eq!(told.len(), expected.len(), "rows of {asked:?}, {about:?}");
        told.len()
    }

    /// A question about all time by the UTC calendar in the organization's currency.
    pub fn question(&self, metrics: &[Metric]) -> MetricQuery {
        MetricQuery::totals(metrics, all_time(), Calendar::UTC, self.organization.currency)
    }
}
