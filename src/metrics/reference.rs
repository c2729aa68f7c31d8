//! The reference of metrics and dimensions, written from the catalogue.

use std::fmt::Write as _;

use crate::metrics::catalogue::{
    Aggregate, Column, Definition, Dimension, Formula, METRICS, Measure, Rows, Source, Unit,
};

/// The page `docs/metrics.md`.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Metrics and dimensions\n\n\
         Written from the catalogue by `countinghouse metrics > docs/metrics.md`; a test fails when it is out of date.\n\n\
         Money is told in the report's currency. An order belongs to the instant it was placed, a refund to the instant it \
         was given. Orders that *count* are neither draft nor cancelled. Quotients are always computed from sums, never \
         averaged, and are null where there is nothing to divide by.\n\n\
         ## Metrics\n\n\
         | metric | unit | what it means | how it is computed |\n| --- | --- | --- | --- |\n",
    );
    for definition in METRICS {
        let (name, description) = (definition.name, definition.description);
        let unit = unit(definition.unit);
        let _ = writeln!(page, "| `{name}` | {unit} | {description} | {} |", computed(definition));
    }
    page.push_str(
        "\n## Dimensions\n\nBeside time, by hour, day, week, month, quarter and year.\n\n| dimension |",
    );
    let sources = [Source::Orders, Source::Lines, Source::Refunds, Source::Customers];
    for source in sources {
        let _ = write!(page, " {} |", source_name(source));
    }
    page.push_str("\n| --- | --- | --- | --- | --- |\n");
    for dimension in Dimension::ALL {
        let _ = write!(page, "| `{}` |", dimension.name());
        for source in sources {
            page.push_str(if dimension.fits(source) { " yes |" } else { " |" });
        }
        page.push('\n');
    }
    page.push_str("\nA metric fits a dimension if all the facts that it is computed from do.\n");
    page
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Money => "money",
        Unit::Count => "count",
        Unit::Average => "number, 2 digits",
        Unit::Ratio => "share, 4 digits",
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Orders => "orders",
        Source::Lines => "lines of orders",
        Source::Refunds => "refunds",
        Source::Customers => "customers",
    }
}

fn computed(definition: &Definition) -> String {
    match definition.formula {
        Formula::Measure(measure) => measured(measure),
        Formula::Ratio(part, base) => format!("`{}` ÷ `{}`", part.name(), base.name()),
        Formula::Difference(a, b) => format!("`{}` − `{}`", a.name(), b.name()),
        Formula::Total(a, b) => format!("`{}` + `{}`", a.name(), b.name()),
    }
}

fn measured(measure: Measure) -> String {
    let source = source_name(measure.source);
    let what = match measure.aggregate {
        Aggregate::Amount(column) | Aggregate::Sum(column) => format!("sum of {}", column_name(column)),
        Aggregate::Count => "number".to_owned(),
        Aggregate::Distinct(column) => format!("different {}", column_name(column)),
    };
    let rows = match measure.rows {
        Rows::All => "",
        Rows::Counting => ", of orders that count",
        Rows::Placed => ", not draft",
        Rows::Cancelled => ", cancelled",
        Rows::Draft => ", draft",
    };
    format!("{what}, over {source}{rows}")
}

fn column_name(column: Column) -> &'static str {
    match column {
        Column::OrderTotal => "`orders.total`",
        Column::OrderDiscount => "`orders.discount`",
        Column::OrderShipping => "`orders.shipping`",
        Column::OrderTax => "`orders.tax`",
        Column::OrderCustomer => "`orders.customer_id`",
        Column::LineOrder => "`order_items.order_id`",
        Column::LineProduct => "`order_items.product_id`",
        Column::LineTotal => "`order_items.line_total`",
        Column::LineDiscount => "`order_items.discount`",
        Column::LineQuantity => "`order_items.quantity`",
        Column::RefundOrder => "`refunds.order_id`",
        Column::RefundAmount => "`refunds.amount`",
        Column::RefundQuantity => "`refunds.quantity`",
    }
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
