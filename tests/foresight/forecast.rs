//! Forecasts.

use chrono::Datelike;
use serde_json::{Value, json};

use super::{Shop, orders};
use crate::support::app::Dataset;
use crate::support::{TestDatabase, both_databases};

both_databases!(
    what_never_changes_is_expected_to_stay,
    a_season_and_a_trend_go_on,
    a_short_past_is_told_by_name,
    the_route_tells_what_graphql_tells,
    conditions_and_levels_count,
    how_far_is_asked_changes_no_bucket,
    what_is_told_of_a_model_is_measured_of_it,
    two_years_of_weeks_are_two_seasons,
    a_spike_after_nothing_is_no_sure_thing,
    what_cannot_be_forecast_is_refused,
    only_what_adds_up_or_stands_is_forecast,
    what_is_too_large_is_refused,
);

/// A dollar a day for four years, and what the running month has.
async fn what_never_changes_is_expected_to_stay(database: TestDatabase) {
    let mut file = String::new();
    orders(&mut file, "web", "2022-03-01", "2026-03-20", |day| if day.day() == 1 { 1_820_000 } else { 0 });
    let shop = Shop::open(&database, "even", &file, "2026-03-20T12:00:00Z").await;
    let reply = shop.get("/forecast?periods=3&granularity=month").await;
    // As the API's document writes it: this month is running, and not told.
    let whole = concat!(
        r#"{"model":"linear_regression_with_seasonality","generatedAt":"2026-03-20T12:00:00Z","forecast":["#,
        r#"{"period":"2026-04","predicted":1820000,"confidenceLow":1820000,"confidenceHigh":1820000},"#,
        r#"{"period":"2026-05","predicted":1820000,"confidenceLow":1820000,"confidenceHigh":1820000},"#,
        r#"{"period":"2026-06","predicted":1820000,"confidenceLow":1820000,"confidenceHigh":1820000}],"#,
        r#""confidence":1,"currency":"usd"}"#
    );
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, whole));
    for (query, first, periods) in [
        ("granularity=day", "2026-03-21", 3),
        ("granularity=week&periods=36", "2026-W13", 36),
        ("granularity=quarter&periods=1", "2026-Q2", 1),
    ] {
        let told = shop.get(&format!("/forecast?{query}")).await.json();
        assert_eq!(told["forecast"][0]["period"], first, "{query}");
        assert_eq!(told["forecast"].as_array().map(Vec::len), Some(periods), "{query}");
    }
}

/// Four years by the rule (1000 + 10 a month) × (1 + a sixth of a wave), in dollars; what goes on is that rule.
async fn a_season_and_a_trend_go_on(database: TestDatabase) {
    let rule = |months: i32, month: u32| {
        let wave = [0, 5, 9, 10, 9, 5, 0, -5, -9, -10, -9, -5][month as usize];
        (100_000 + 1_000 * i64::from(months)) * (60 + wave) / 60
    };
    let month_of = |year: i32, month0: u32| (year - 2022) * 12 + i32::try_from(month0).expect("small");
    let mut file = String::new();
    orders(&mut file, "web", "2022-01-01", "2026-01-31", |day| {
        if day.day() == 1 { rule(month_of(day.year(), day.month0()), day.month0()) } else { 0 }
    });
    let shop = Shop::open(&database, "waves", &file, "2026-01-15T00:00:00Z").await;
    let query = |model: &str| {
        format!(
            "{{ forecast(metric: REVENUE, periods: 12, model: {model}) {{ model confidence coverage history \
             current {{ bucket {{ date }} predicted }} points {{ bucket {{ date }} predicted low high }} }} }}"
        )
    };
    for (model, name) in [
        ("AUTO", ""),
        ("LINEAR_REGRESSION_WITH_SEASONALITY", "LINEAR_REGRESSION_WITH_SEASONALITY"),
        ("THETA", "THETA"),
        ("ETS", "ETS"),
        ("COMBINATION", "COMBINATION"),
    ] {
        let told = shop.told(&query(model)).await["forecast"].take();
        assert!(name.is_empty() || told["model"] == name, "{told}");
        assert_eq!(
            (&told["history"], &told["current"]["bucket"]["date"]),
            (&json!(48), &json!("2026-01-01"))
        );
        let number = |value: &Value| value.as_str().expect("a decimal").parse::<f64>().expect("a number");
        assert!(number(&told["confidence"]) > 0.9, "{model}: {told}");
        for (place, point) in (1..).zip(told["points"].as_array().expect("points")) {
            let (year, month0) = (2026 + place / 12, u32::try_from(place % 12).expect("small"));
            let date = format!("{year}-{:02}-01", month0 + 1);
            assert_eq!(point["bucket"]["date"], date);
            #[expect(clippy::cast_precision_loss, reason = "hundreds of thousands")]
            let truth = rule(month_of(year, month0), month0) as f64 / 100.0;
            let [low, predicted, high] = ["low", "predicted", "high"].map(|name| number(&point[name]));
            assert!(low <= predicted && predicted <= high && low >= 0.0, "{point}");
            assert!(
                (predicted / truth - 1.0).abs() < 0.08,
                "{model}, {date}: {predicted} instead of {truth}"
            );
        }
    }
}

/// Twenty months are less than two seasons of twelve; nothing at all is nothing to learn from.
async fn a_short_past_is_told_by_name(database: TestDatabase) {
    let mut file = String::new();
    orders(&mut file, "web", "2024-05-01", "2025-12-31", |day| {
        if day.day() == 1 {
            100_000 + 5_000 * i64::from((day.year() - 2024) * 12) + 5_000 * i64::from(day.month0())
        } else {
            0
        }
    });
    let shop = Shop::open(&database, "young", &file, "2026-01-10T00:00:00Z").await;
    let told = shop.get("/forecast").await.json();
    // It grew by 50 dollars each month, to 2150 in December; January is running.
    assert_eq!(told["model"], "drift");
    let predicted: Vec<&Value> =
        told["forecast"].as_array().expect("a forecast").iter().map(|point| &point["predicted"]).collect();
    assert_eq!(predicted, [&json!(225_000), &json!(230_000), &json!(235_000)]);
    let empty = Shop::open(&database, "empty", "", "2026-01-10T00:00:00Z").await;
    let nothing = concat!(
        r#"{"model":"mean","generatedAt":"2026-01-10T00:00:00Z","forecast":["#,
        r#"{"period":"2026-02","predicted":0,"confidenceLow":0,"confidenceHigh":0}],"confidence":0,"currency":"usd"}"#
    );
    assert_eq!(empty.get("/forecast?periods=1").await.body, nothing);
    let query = "{ forecast(metric: ORDERS) { confidence coverage history origins } }";
    assert_eq!(
        empty.told(query).await["forecast"],
        json!({ "confidence": null, "coverage": null, "history": 0, "origins": 0 })
    );
}

async fn how_far_is_asked_changes_no_bucket(database: TestDatabase) {
    let shop = Shop::open(&database, "noisy", &noisy(), "2025-12-31T12:00:00Z").await;
    for grain in ["DAY", "WEEK", "MONTH", "QUARTER"] {
        let of = |periods: usize| {
            format!(
                "{{ forecast(metric: REVENUE, grain: {grain}, periods: {periods}) {{ model confidence coverage origins \
                 current {{ predicted low high }} points {{ bucket {{ date }} predicted low high }} }} }}"
            )
        };
        let mut longest = shop.told(&of(36)).await["forecast"].take();
        for periods in [35, 12, 3, 1] {
            longest["points"].as_array_mut().expect("points").truncate(periods);
            assert_eq!(shop.told(&of(periods)).await["forecast"], longest, "{periods} by {grain}");
        }
    }
}

/// Two years of months that nearly return. Last year's values are 8 off in all, of 233 that were asked for: from half a
/// year before the end 2 of 51, then 2 of 44, 2 of 38, 1 of 36, 1 of 34 and 0 of 30.
async fn what_is_told_of_a_model_is_measured_of_it(database: TestDatabase) {
    let mut file = String::new();
    orders(&mut file, "web", "2024-01-01", "2025-12-31", |day| {
        let months = match day.year() {
            2024 => [5, 3, 8, 2, 9, 4, 7, 6, 1, 2, 5, 30],
            _ => [6, 3, 7, 2, 9, 5, 7, 6, 2, 2, 4, 30],
        };
        if day.day() == 1 { months[day.month0() as usize] * 10_000 } else { 0 }
    });
    let shop = Shop::open(&database, "returning", &file, "2026-01-10T00:00:00Z").await;
    let mut shares = Vec::new();
    for model in ["SEASONAL_NAIVE", "LINEAR_REGRESSION_WITH_SEASONALITY", "THETA", "ETS"] {
        let query = format!(
            "{{ forecast(metric: REVENUE, model: {model}) {{ model confidence coverage origins }} }}"
        );
        let told = shop.told(&query).await["forecast"].take();
        assert_eq!((&told["model"], &told["origins"]), (&json!(model), &json!(6)));
        shares.push(told["confidence"].as_str().expect("a share").to_owned());
    }
    assert_eq!(shares[0], "0.9657");
    let route = shop.get("/forecast").await.json();
    let of_route = route["confidence"].as_f64().expect("a share");
    assert!((of_route - shares[1].parse::<f64>().expect("a share")).abs() <= 0.005, "{route}");
    shares.sort();
    shares.dedup();
    assert_eq!(shares.len(), 4, "{shares:?}");
}

/// A shop that grows by half a dollar a day, from a Monday on.
async fn two_years_of_weeks_are_two_seasons(database: TestDatabase) {
    let grown = |day: chrono::NaiveDate| 10_000 + 50 * i64::from(day.num_days_from_ce() - 738_886);
    for (first, model) in [("2024-01-01", "linear_regression_with_seasonality"), ("2024-01-08", "drift")] {
        let mut file = String::new();
        orders(&mut file, "web", first, "2025-12-28", grown);
        let shop = Shop::open(&database, first, &file, "2025-12-29T00:00:00Z").await;
        let told = shop.get("/forecast?granularity=week&periods=4").await.json();
        assert_eq!(told["model"], model, "{first}");
        let mut monday = super::day("2026-01-05");
        for point in told["forecast"].as_array().expect("a forecast") {
            let truth: i64 = monday.iter_days().take(7).map(grown).sum();
            let predicted = point["predicted"].as_i64().expect("minor units");
            assert!((predicted - truth).abs() * 20 < truth, "{model}: {predicted} instead of {truth}");
            monday = monday + chrono::Days::new(7);
        }
    }
}

/// Five dollars in June, nothing until the day before yesterday, and then a thousand.
async fn a_spike_after_nothing_is_no_sure_thing(database: TestDatabase) {
    let mut file = String::new();
    orders(&mut file, "web", "2025-06-01", "2025-06-01", |_| 500);
    orders(&mut file, "web", "2025-12-30", "2025-12-30", |_| 100_000);
    let shop = Shop::open(&database, "spike", &file, "2025-12-31T12:00:00Z").await;
    let told = shop.get("/forecast?granularity=day&periods=14").await.json();
    assert_eq!(told["confidence"], 0);
    for point in told["forecast"].as_array().expect("a forecast") {
        let [low, predicted, high] = ["confidenceLow", "predicted", "confidenceHigh"]
            .map(|name| point[name].as_i64().expect("minor units"));
        assert!(low == 0 && predicted < 10_000 && high > 2 * predicted, "{point}");
    }
}

/// Three years of days with a weekly pattern and some noise of their own making.
fn noisy() -> String {
    let mut file = String::new();
    orders(&mut file, "web", "2023-01-01", "2025-12-31", |day| {
        let noise = i64::from(day.num_days_from_ce()) * 7919 % 4001 - 2000;
        20_000 + 3_000 * i64::from(day.weekday().num_days_from_monday()) + noise
    });
    orders(&mut file, "store", "2023-01-01", "2025-12-31", |day| if day.day() % 3 == 0 { 9_900 } else { 0 });
    file
}

async fn the_route_tells_what_graphql_tells(database: TestDatabase) {
    let shop = Shop::open(&database, "noisy", &noisy(), "2025-12-31T12:00:00Z").await;
    for grain in ["day", "week", "month", "quarter"] {
        let route = shop.get(&format!("/forecast?periods=4&granularity={grain}")).await.json();
        let query = format!(
            "{{ forecast(metric: REVENUE, grain: {}, periods: 4, timeZone: \"UTC\", \
             model: LINEAR_REGRESSION_WITH_SEASONALITY) {{ model confidence points {{ predicted low high }} }} }}",
            grain.to_uppercase()
        );
        let graphql = shop.told(&query).await["forecast"].take();
        assert_eq!(route["model"].as_str().map(str::to_uppercase).as_deref(), graphql["model"].as_str());
        let minor = |value: &Value| {
            value.as_str().expect("a decimal").replace('.', "").parse::<i64>().expect("whole")
        };
        for (here, there) in route["forecast"]
            .as_array()
            .expect("rows")
            .iter()
            .zip(graphql["points"].as_array().expect("rows"))
        {
            let told = ["predicted", "confidenceLow", "confidenceHigh"].map(|name| here[name].as_i64());
            assert_eq!(told, ["predicted", "low", "high"].map(|name| Some(minor(&there[name]))), "{grain}");
        }
        let share = |value: &Value| value.to_string().trim_matches('"').parse::<f64>().expect("a number");
        assert!((share(&route["confidence"]) - share(&graphql["confidence"])).abs() <= 0.005, "{grain}");
    }
}

async fn conditions_and_levels_count(database: TestDatabase) {
    let shop = Shop::open(&database, "noisy", &noisy(), "2025-12-31T12:00:00Z").await;
    let of = |more: &str| {
        format!(
            "{{ forecast(metric: REVENUE, grain: DAY, periods: 2{more}) {{ points {{ predicted low high }} }} }}"
        )
    };
    let store = shop.told(&of(", where: [{ dimension: CHANNEL, in: [\"store\"] }]")).await;
    let all = shop.told(&of("")).await;
    let number = |told: &Value, name: &str| -> f64 {
        told["forecast"]["points"][0][name].as_str().expect("a decimal").parse().expect("a number")
    };
    assert!(number(&store, "predicted") <= 99.0 && number(&all, "predicted") > 200.0);
    let [narrow, wide] = [0.5, 0.99].map(|level| of(&format!(", level: {level}")));
    let (narrow, wide) = (shop.told(&narrow).await, shop.told(&wide).await);
    let width = |told: &Value| number(told, "high") - number(told, "low");
    assert!(width(&narrow) < width(&all) && width(&all) < width(&wide));
    assert_eq!(number(&narrow, "predicted").to_bits(), number(&wide, "predicted").to_bits());
}

async fn what_cannot_be_forecast_is_refused(database: TestDatabase) {
    let shop = Shop::open(&database, "even", "", "2026-01-10T00:00:00Z").await;
    for (arguments, words) in [
        ("metric: REFUND_RATE", "metric: refundRate cannot be forecast: what adds up over time can"),
        ("metric: REVENUE, grain: HOUR", "grain: days, weeks, months and quarters can be forecast"),
        ("metric: REVENUE, grain: YEAR", "grain: days, weeks, months and quarters can be forecast"),
        ("metric: REVENUE, periods: 0", "periods: must lie between 1 and 36, not 0"),
        ("metric: REVENUE, periods: 37", "periods: must lie between 1 and 36, not 37"),
        ("metric: REVENUE, level: 0.49", "level: must lie between 0.5 and 0.99, not 0.49"),
        (
            "metric: REVENUE, where: [{ dimension: CITY, in: [\"a\\u0000\"] }]",
            "where: the condition on CITY names a value with the character U+0000",
        ),
        ("metric: REVENUE, level: 0.991", "level: must lie between 0.5 and 0.99, not 0.991"),
    ] {
        let body = shop.ask(&format!("{{ forecast({arguments}) {{ model }} }}")).await;
        let message = body["errors"][0]["message"].as_str().expect("an error");
        assert!(message.starts_with(words), "{message}");
        assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT");
    }
    for (query, words) in [
        ("periods=0", "periods must be a whole number from 1 to 36, not '0'"),
        ("periods=37", "periods must be a whole number from 1 to 36, not '37'"),
        ("periods=three", "periods must be a whole number from 1 to 36, not 'three'"),
        ("periods=1&periods=2", "periods was given more than once"),
        ("granularity=hour", "granularity must be one of day, week, month, quarter, not 'hour'"),
        ("currency=euro", "currency must be an ISO 4217 code such as usd, not 'euro'"),
    ] {
        let reply = shop.get(&format!("/forecast?{query}")).await;
        let body = json!({ "statusCode": 400, "error": "Bad Request", "message": words });
        assert_eq!((reply.status.as_u16(), reply.json()), (400, body), "{query}");
    }
}

async fn only_what_adds_up_or_stands_is_forecast(database: TestDatabase) {
    let shop = Shop::open(&database, "even", "", "2026-01-10T00:00:00Z").await;
    let can = "what adds up over time can, such as revenue, orders or hires, and what stands at the end of a bucket, such as \
               mrr, customers or headcount";
    for (metric, name, more) in [
        ("AVERAGE_ORDER_VALUE", "averageOrderValue", "; it is made of revenue and orders"),
        ("ARPA", "arpa", "; it is made of mrr and subscribers"),
        ("COST_PER_CLICK", "costPerClick", "; it is made of spend and clicks"),
        ("REVENUE_PER_CUSTOMER", "revenuePerCustomer", "; it is made of revenue"),
        (
            "PROFIT_PER_CUSTOMER",
            "profitPerCustomer",
            "; it is made of revenue, grossProfit and costedRevenue",
        ),
        ("AVERAGE_HEADCOUNT", "averageHeadcount", "; it is made of headcount"),
        ("ACTIVE_CUSTOMERS", "activeCustomers", ""),
        ("STARTING_MRR", "startingMrr", ""),
        ("STOCK_ON_HAND", "stockOnHand", ""),
        ("DAYS_IN_PERIOD", "daysInPeriod", ""),
    ] {
        let body = shop.ask(&format!("{{ forecast(metric: {metric}) {{ model }} }}")).await;
        assert_eq!(body["errors"][0]["message"], format!("metric: {name} cannot be forecast: {can}{more}"));
        assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_ARGUMENT");
    }
    for metric in [
        "REVENUE",
        "NET_REVENUE",
        "ORDERS",
        "HIRES",
        "HOURS_WORKED",
        "MRR",
        "NEW_MRR",
        "NET_NEW_MRR",
        "HEADCOUNT",
    ] {
        let told = shop.told(&format!("{{ forecast(metric: {metric}, periods: 1) {{ metric }} }}")).await;
        assert_eq!(told["forecast"]["metric"], metric);
    }
}

/// Ninety thousand billion dollars a month, and more each month, at a hundred thousand dong.
async fn what_is_too_large_is_refused(database: TestDatabase) {
    let mut sold = "order_id,placed_at,status,total,currency,channel\n".to_owned();
    orders(&mut sold, "web", "2024-01-01", "2026-02-28", |day| {
        let month = i64::from((day.year() - 2024) * 12) + i64::from(day.month0());
        if day.day() == 1 { 4_500_000_000_000_000 + 180_000_000_000_000 * month } else { 0 }
    });
    let rates = "day,from,to,rate\n2020-01-01,USD,VND,100000\n";
    let dataset = Dataset::new().file("orders.csv", &sold).file("exchange_rates.csv", rates);
    let shop = Shop::of(&database, "vast", dataset, "2026-03-01T00:00:00Z").await;
    assert_eq!(shop.get("/forecast").await.status.as_u16(), 200);
    let words = "this forecast, or an end of its intervals, is too large to be told; ask for fewer or shorter periods";
    let reply = shop.get("/forecast?currency=vnd&periods=36").await;
    let body = json!({ "statusCode": 422, "error": "Unprocessable Entity", "message": words });
    assert_eq!((reply.status.as_u16(), reply.json()), (422, body));
    let query = "{ forecast(metric: REVENUE, currency: \"VND\", periods: 36) { model } }";
    let body = shop.ask(query).await;
    assert_eq!(body["data"], json!({ "forecast": null }));
    assert_eq!(body["errors"][0]["message"], words);
    assert_eq!(body["errors"][0]["extensions"]["code"], "OVERFLOW");
}
