//! Rollups tell what facts tell: every question that the oracle is asked of facts is asked of them too.

use super::shop::Shop;
use super::{properties, tables};
use crate::support::{TestDatabase, both_databases};

macro_rules! asked_of_rollups {
    ($($name:ident: $module:ident::$question:ident;)+) => {
        both_databases!($($name),+);

        $( async fn $name(database: TestDatabase) {
            $module::$question(&Shop::rolled(&database).await).await;
        } )+
    };
}

asked_of_rollups! {
    each_metric_alone: tables::each_metric_alone_is_what_the_oracle_says_in;
    every_grain_on_every_clock: tables::every_grain_on_every_clock_in;
    every_dimension: tables::every_dimension_in;
    several_dimensions_and_a_grain: tables::several_dimensions_and_a_grain_in;
    other_currencies: tables::other_currencies_in;
    questions_at_random: properties::questions_at_random_in;
    buckets_add_up_to_the_total: properties::buckets_add_up_to_the_total_in;
    groups_add_up_to_the_total: properties::groups_add_up_to_the_total_in;
}
