//! Conditions on facts: values to keep or to leave out, facts without one, ids that nobody has.

use std::collections::BTreeSet;

use countinghouse::fault::Fault;
use countinghouse::metrics::{Dimension, Filter, Metric, MetricQuery};

use super::shop::Shop;
use super::tables::fitting;
use crate::support::{TestDatabase, both_databases};

both_databases!(every_dimension_can_be_filtered_by, what_is_no_value_is_refused);

fn filter(dimension: Dimension, values: &[Option<&str>], exclude: bool) -> Filter {
    let values = values.iter().map(|value| value.map(str::to_owned)).collect();
    Filter { dimension, values, exclude }
}

/// Values of the dimension, as they stand in the files.
async fn values(shop: &Shop, dimension: Dimension) -> Vec<String> {
    let query = MetricQuery { dimensions: vec![dimension], ..shop.question(&fitting(&[dimension])) };
    let rows = super::oracle::answer(&shop.data, &query);
    let found: BTreeSet<String> = rows.into_iter().filter_map(|row| row.keys[0].clone()).collect();
    found.into_iter().collect()
}

async fn every_dimension_can_be_filtered_by(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for dimension in Dimension::ALL {
        let known = values(&shop, dimension).await;
        let (first, last) = (known[0].as_str(), known[known.len() - 1].as_str());
        let is_free =
            dimension.codes().is_none() && !dimension.is_of_clock() && dimension != Dimension::Cohort;
        let nobody = if is_free { "' OR 1=1 --" } else { first };
        let all = shop.question(&fitting(&[dimension]));
        for (values, exclude) in [
            (vec![Some(first)], false),
            (vec![None, Some(last), Some(nobody)], false),
            (vec![Some(first), Some(last), Some(nobody)], true),
            (vec![None], true),
            (vec![], false),
        ] {
            let filters = vec![filter(dimension, &values, exclude)];
            shop.check(&MetricQuery { filters, ..all.clone() }).await;
        }
    }
    // Several hold together; what is filtered need not be what is grouped.
    let metrics = fitting(&[
        Dimension::AcquisitionChannel,
        Dimension::Channel,
        Dimension::Country,
        Dimension::Customer,
        Dimension::DayOfWeek,
    ]);
    let query = MetricQuery {
        dimensions: vec![Dimension::AcquisitionChannel],
        filters: vec![
            filter(Dimension::Channel, &[Some("web"), None, Some("app")], false),
            filter(Dimension::Country, &[Some("Germany")], true),
            filter(Dimension::Customer, &[None], true),
            filter(Dimension::DayOfWeek, &[Some("6"), Some("7")], true),
        ],
        ..shop.question(&metrics)
    };
    assert!(shop.check(&query).await > 3);
    let merchandise = fitting(&[Dimension::Product, Dimension::Status, Dimension::Currency]);
    let query = MetricQuery {
        dimensions: vec![Dimension::Product],
        filters: vec![
            filter(Dimension::Category, &[None], true),
            filter(Dimension::Status, &[Some("DELIVERED"), Some("CANCELLED")], false),
            filter(Dimension::Currency, &[Some("EUR"), Some("KWD")], false),
        ],
        ..shop.question(&merchandise)
    };
    assert!(shop.check(&query).await > 3);
}

async fn what_is_no_value_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database).await;
    for (dimension, value) in [
        (Dimension::Status, "delivered"),
        (Dimension::HourOfDay, "24"),
        (Dimension::HourOfDay, "x"),
        (Dimension::DayOfWeek, "0"),
    ] {
        let filters = vec![filter(dimension, &[Some(value)], false)];
        let answer = shop.ask(&MetricQuery { filters, ..shop.question(&[Metric::Orders]) }).await;
        let Err(Fault::Invalid { message, .. }) = answer else { panic!("{answer:?}") };
        assert!(message.contains(&format!("`{value}` is no {}", dimension.name())), "{message}");
    }
    let misfit = MetricQuery { dimensions: vec![Dimension::Product], ..shop.question(&[Metric::Orders]) };
    let Err(Fault::Invalid { message, .. }) = shop.ask(&misfit).await else { panic!("it was answered") };
    assert!(message.starts_with("`orders` cannot be grouped or filtered by PRODUCT; it can by STATUS, "));
}
