//! Who is credited, by every model and window, told apart by everything that says so, beside the oracle that reads the whole list of
//! clicks for each conversion.

use countinghouse::metrics::{
    Attribution, AttributionModel, Dimension, Filter, Metric, MetricQuery, Order, OrderBy,
};
use countinghouse::period::Grain;

use super::shop::Shop;
use super::tables::fitting;
use crate::support::{TestDatabase, both_databases};

both_databases!(by_every_model_and_window, ties_are_parted_by_other_figures);

async fn by_every_model_and_window(database: TestDatabase) {
    use AttributionModel::{FirstClick, LastClick, Linear};
    let shop = Shop::open(&database).await;
    let mut told = Vec::new();
    for model in [LastClick, FirstClick, Linear] {
        for window_days in [0, 1, 30, 200, 3660] {
            let attribution = Attribution { model, window_days };
            for dimensions in [
                vec![Dimension::TrackingCode],
                vec![Dimension::Affiliate],
                vec![Dimension::Affiliate, Dimension::Currency],
            ] {
                let metrics = fitting(&dimensions);
                let query = MetricQuery { dimensions, attribution, ..shop.question(&metrics) };
                shop.check(&query).await;
                shop.check(&MetricQuery { grain: Some(Grain::Quarter), ..query.clone() }).await;
                let currency = "KWD".parse().expect("a currency");
                shop.check(&MetricQuery { currency, ..query }).await;
            }
            // Only who is credited is kept, and who is not.
            for exclude in [false, true] {
                let values = vec![Some("W-USD".to_owned()), Some("W-PLAIN".to_owned()), None];
                let filters = vec![Filter { dimension: Dimension::TrackingCode, values, exclude }];
                let metrics = fitting(&[Dimension::TrackingCode]);
                shop.check(&MetricQuery { filters, attribution, ..shop.question(&metrics) }).await;
            }
            let query = MetricQuery {
                dimensions: vec![Dimension::TrackingCode],
                attribution,
                ..shop.question(&[Metric::ConversionCredits, Metric::Commission])
            };
            told.push(shop.ask(&query).await.expect("an answer"));
        }
    }
    // They differ: each model and each window says something of its own.
    for (place, one) in told.iter().enumerate() {
        let same = told.iter().filter(|other| *other == one).count();
        // Within no time at all there is one click at most.
        assert!(same == 1 || place % 5 == 0, "{place}");
    }
}

async fn ties_are_parted_by_other_figures(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    let ranked = |dimension: Dimension, by: &[Metric], limit| MetricQuery {
        dimensions: vec![dimension],
        order: Some(Order { by: OrderBy::Metric(by[0]), descending: true }),
        ties: by[1..].to_vec(),
        limit: Some(limit),
        named_only: true,
        ..shop.question(by)
    };
    for limit in [1, 3, 1000] {
        let products = [Metric::ProductViews, Metric::ProductConversions];
        assert!(shop.check(&ranked(Dimension::Product, &products, limit)).await > 0);
        let codes = [Metric::AffiliateClicks, Metric::AffiliateConversions];
        assert!(shop.check(&ranked(Dimension::TrackingCode, &codes, limit)).await > 0);
        let affiliates = [Metric::AffiliateRevenue, Metric::AffiliateConversions, Metric::AffiliateClicks];
        assert!(shop.check(&ranked(Dimension::Affiliate, &affiliates, limit)).await > 0);
        assert!(
            shop.check(&ranked(Dimension::Page, &[Metric::Pageviews, Metric::Visitors], limit)).await > 0
        );
    }
}
