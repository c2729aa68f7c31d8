//! Products that are bought together.

use std::collections::HashMap;

use async_graphql::{Object, Result, SimpleObject};
use entity::product;

use crate::fault::Fault;
use crate::metrics::names::ProductId;
use crate::metrics::{Dimension, Filter, Metric, MetricQuery, Order, OrderBy};
use crate::money::Exact;
use crate::reports::face::ratio_text;
use crate::reports::products::ProductObject;
use crate::reports::scope::{Scope, check_first};
use crate::scalars::{Decimal, Long};

/// Two products, and how often they stand on one order.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The two, in the order of their keys.
    pub products: [product::Model; 2],
    /// Orders that count and hold both.
    pub orders: i64,
    /// Those divided by all orders that count and have lines.
    pub support: Option<Exact>,
    /// Those divided by the orders that hold the first; and by those that hold the second.
    pub confidence: [Option<Exact>; 2],
    /// How many times as often as if the one had nothing to do with the other.
    pub lift: Option<Exact>,
}

/// The pairs that most orders hold; ties by the products' ids.
pub async fn pairs(scope: &Scope, first: u32) -> Result<Vec<Pair>, Fault> {
    check_first(first)?;
    let together = MetricQuery {
        dimensions: vec![Dimension::Product, Dimension::PairedProduct],
        order: Some(Order { by: OrderBy::Metric(Metric::OrdersTogether), descending: true }),
        limit: Some(first),
        ..scope.query(&[Metric::OrdersTogether])
    };
    let rows = scope.desk.engine().ask(&together).await?.rows;
    let found: Vec<([String; 2], Exact)> = rows
        .into_iter()
        .filter_map(|row| {
            let orders = row.figures.exact(Metric::OrdersTogether).ok().flatten()?.clone();
            let [one, other]: [Option<String>; 2] = row.keys.try_into().ok()?;
            Some(([one?, other?], orders))
        })
        .collect();
    let mut ids: Vec<String> = found.iter().flat_map(|(pair, _)| pair.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let held = [Metric::OrdersWithLines];
    let mut each = MetricQuery { dimensions: vec![Dimension::Product], ..scope.query(&held) };
    let values = ids.iter().cloned().map(Some).collect();
    each.filters.push(Filter { dimension: Dimension::Product, values, exclude: false });
    let names = scope.desk.names().load_many(ids.into_iter().map(ProductId));
    let (each, whole, names) = tokio::try_join!(scope.desk.engine().ask(&each), scope.totals(&held), names)?;
    let mut orders_of: HashMap<String, Exact> = HashMap::new();
    for row in each.rows {
        let orders = row.figures.exact(Metric::OrdersWithLines)?.cloned();
        orders_of.extend(row.keys.into_iter().next().flatten().zip(orders));
    }
    let all = whole.exact(Metric::OrdersWithLines)?.cloned().unwrap_or_else(Exact::zero);
    let told = found.into_iter().filter_map(|(ids, together)| {
        let of = ids.clone().map(|id| orders_of.get(&id).cloned().unwrap_or_else(Exact::zero));
        let products = ids.map(|id| names.get(&ProductId(id)).cloned());
        let [Some(one), Some(other)] = products else { return None };
        Some(Pair {
            products: [one, other],
            orders: together.round_to(0)?,
            support: together.divided_by(&all),
            confidence: of.clone().map(|of| together.divided_by(&of)),
            lift: (&together * &all).divided_by(&(&of[0] * &of[1])),
        })
    });
    Ok(told.collect())
}

/// Two products that are bought together.
#[derive(SimpleObject)]
#[graphql(name = "ProductPair")]
struct PairObject {
    /// The one.
    product: ProductObject,
    /// The other.
    with: ProductObject,
    /// Orders that count and hold both.
    orders: Long,
    /// Those divided by all orders that count and have lines; null where there are none.
    support: Option<Decimal>,
    /// Those divided by the orders that hold `product`; null where there are none.
    confidence: Option<Decimal>,
    /// Those divided by the orders that hold `with`; null where there are none.
    reverse_confidence: Option<Decimal>,
    /// How many times as often as if the one had nothing to do with the other, to two digits; null where there is
    /// nothing to divide by.
    lift: Option<Decimal>,
}

/// The field `pairs` of products.
pub(super) struct PairsField(pub(super) Scope);

#[Object(name = "ProductPairs")]
impl PairsField {
    /// Products that most orders hold together, most first; ties by id.
    async fn pairs(
        &self,
        #[graphql(desc = "How many, at most 1000.", default = 10)] first: u32,
    ) -> Result<Vec<PairObject>> {
        let desk = &self.0.desk;
        let told = pairs(&self.0, first).await?.into_iter().map(|pair| {
            let [product, with] = pair.products.map(|row| ProductObject { desk: desk.clone(), row });
            let [confidence, reverse] = pair.confidence;
            let lift = pair.lift.and_then(|lift| lift.round_to(2));
            PairObject {
                product,
                with,
                orders: Long(pair.orders),
                support: ratio_text(pair.support.as_ref()),
                confidence: ratio_text(confidence.as_ref()),
                reverse_confidence: ratio_text(reverse.as_ref()),
                lift: lift.map(|lift| Decimal(crate::money::decimal_text(lift, 2))),
            }
        });
        Ok(told.collect())
    }
}
