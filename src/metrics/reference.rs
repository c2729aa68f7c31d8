//! The reference of metrics and dimensions, written from the catalogue.

use std::fmt::Write as _;

use crate::metrics::catalogue::{
    Aggregate, Column, Definition, Dimension, Domain, Formula, METRICS, Measure, Metric, Over, Source, Unit,
    Value,
};

/// The domains, as the page calls them.
const DOMAINS: [(Domain, &str); 9] = [
    (Domain::Commerce, "Revenue, orders, products"),
    (Domain::Sales, "Sales: deals"),
    (Domain::Subscriptions, "Subscriptions"),
    (Domain::Customers, "Customers"),
    (Domain::Inventory, "Inventory"),
    (Domain::Hr, "HR"),
    (Domain::Support, "Support"),
    (Domain::Marketing, "Marketing"),
    (Domain::Affiliates, "Visits and affiliates"),
];

/// The page `docs/metrics.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Metrics and dimensions\n\n\
         Written from the catalogue by `countinghouse metrics > docs/metrics.md`; a test fails when it is out of date.\n\n\
         Money is told in the report's currency. An order belongs to the instant it was placed, a refund to the instant it \
         was given. Orders that *count* are neither draft nor cancelled. Quotients are always computed from sums, never \
         averaged, and are null where there is nothing to divide by. A day of attendance or of a campaign starts at the \
         report's midnight. What stands *at the start* or *at the end* is told for each bucket of a series, as of its edge \
         within the period. A subscription counts from the end of its trial, and a customer is lost once: at the date that \
         the source tells, else with the last subscription, else the churn window (90 days, `countinghouse organization \
         set --churn-days`) after the last order; who is won and lost within one period is among the lost, and so retention over \
         long periods may be below zero. Percentiles lie between two values in proportion. A deal that was lost and then won \
         counts as both, each when it was.\n\n\
         Figures are exact until they are shown, and each is rounded once, for itself: shown parts may differ from the shown \
         whole in the last digit.\n",
    );
    for (domain, words) in DOMAINS {
        let _ = write!(
            page,
            "\n## {words}\n\n| metric | unit | what it means | how it is computed |\n| --- | --- | --- | --- |\n"
        );
        for definition in METRICS.iter().filter(|definition| definition.domain == domain) {
            let (name, description) = (definition.name, definition.description);
            let unit = unit(definition.unit);
            let _ = writeln!(page, "| `{name}` | {unit} | {description} | {} |", computed(definition));
        }
    }
    page.push_str(
        "\n## Dimensions\n\nBeside time, by hour, day, week, month, quarter and year.\n\n\
         | dimension | what it is | of which facts |\n| --- | --- | --- |\n",
    );
    for dimension in Dimension::ALL {
        let facts: Vec<&str> = Source::ALL
            .into_iter()
            .filter(|source| dimension.fits(*source))
            .map(|source| source.facts().words)
            .collect();
        let (name, description) = (dimension.name(), dimension.description());
        let _ = writeln!(page, "| `{name}` | {description} | {} |", facts.join(", "));
    }
    page.push_str("\nA metric fits a dimension if all the facts that it is computed from do.\n");
    page
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Money => "money",
        Unit::Count => "count",
        Unit::Average => "number, 2 digits",
        Unit::Fraction => "number, 6 digits",
        Unit::Ratio => "share, 4 digits",
        Unit::Minutes => "minutes, 2 digits",
        Unit::Hours => "hours, 2 digits",
        Unit::Days => "days, 2 digits",
    }
}

fn computed(definition: &Definition) -> String {
    let pair = |a: Metric, sign: &str, b: Metric| format!("`{}` {sign} `{}`", a.name(), b.name());
    match definition.formula {
        Formula::Measure(measure) => measured(measure),
        Formula::Net(came, went) => format!("{} − {}", measured(came), measured(went)),
        Formula::Mean(total, many) => format!("{} ÷ {}", measured(total), measured(many)),
        Formula::MeanGap(stretch, many) => format!("{} ÷ ({} − 1)", measured(stretch), measured(many)),
        Formula::SinceLast(latest) => format!("the end − {}", measured(latest)),
        Formula::MeanAge { came, went, since } => format!(
            "mean time since {} of {} less {}",
            column_name(since),
            came.facts().words,
            went.facts().words
        ),
        Formula::Moves(_) => "subscriptions less ended subscriptions, customer by customer".to_owned(),
        Formula::Days => "days from the start to the end".to_owned(),
        Formula::Ratio(part, base) => pair(part, "÷", base),
        Formula::Difference(a, b) => pair(a, "−", b),
        Formula::Total(a, b) => pair(a, "+", b),
        Formula::Product(a, b) => pair(a, "×", b),
        Formula::Middle(a, b) => format!("({}) ÷ 2", pair(a, "+", b)),
        Formula::Part(whole, parts) => format!("`{}` ÷ {parts}", whole.name()),
    }
}

fn measured(measure: Measure) -> String {
    let what = match measure.aggregate {
        Aggregate::Amount(value) | Aggregate::Sum(value) => format!("sum of {}", value_name(value)),
        Aggregate::Count => "number".to_owned(),
        Aggregate::Distinct(column) => format!("different {}", column_name(column)),
        Aggregate::Stretch(column) => format!("largest less smallest {}", column_name(column)),
        Aggregate::Latest(column) => format!("latest {}", column_name(column)),
        Aggregate::Percentile(value, percent) => format!("percentile {percent} of {}", value_name(value)),
    };
    let when = match measure.over {
        Over::Within => "",
        Over::Start => ", up to the start",
        Over::End => ", up to the end",
    };
    format!("{what}, over {}{}{when}", measure.source.facts().words, measure.rows.words())
}

fn value_name(value: Value) -> String {
    let moved = "`stock_movements.quantity`";
    match value {
        Value::Of(column) | Value::Price(column) | Value::Scaled(column, _) | Value::Seconds(column) => {
            column_name(column)
        }
        Value::SincePrevious(column) => format!("{} − the one before", column_name(column)),
        Value::Out(column) => format!("−{}", column_name(column)),
        Value::Priced(things, price) => format!("{} × {}", column_name(things), column_name(price)),
        Value::Between(from, to) => format!("{} − {}", column_name(to), column_name(from)),
        Value::Yearly => "`subscriptions.amount` × `quantity`, by the year".to_owned(),
        Value::AtCost => format!("{moved} × unit cost"),
        Value::OutAtCost => format!("−{moved} × unit cost"),
        Value::Stock => "stock".to_owned(),
        Value::StockAt(price) => format!("stock × {}", column_name(price)),
    }
}

/// A column, as the dataset has it where it has it.
fn column_name(column: Column) -> String {
    let name = column.name.strip_suffix("_micros").unwrap_or(column.name);
    let name = name.strip_suffix("_key").map_or_else(|| name.to_owned(), |thing| format!("{thing}_id"));
    format!("`{}.{name}`", column.table.name())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_in_docs_is_what_the_catalogue_says() {
        let page = include_str!("../../docs/metrics.md");
        assert!(
            page == super::markdown(),
            "docs/metrics.md is out of date: cargo run -- metrics > docs/metrics.md"
        );
    }
}
