//! `/report`: how Discord is told of it, and what was asked by it.

use serde_json::{Value, json};

use super::interaction::{Given, Typed};
use crate::period::Grain;
use crate::reports::shared::SharedReport;
use crate::reports::window::{LastInput, PeriodInput, PeriodPreset};

/// What is typed after the slash.
const NAME: &str = "report";
/// The value that says which report, where no command below the command does.
const TYPE: &str = "type";
/// The value that says which time.
const PERIOD: &str = "period";
/// The time that is meant where nothing is said.
const DEFAULT: &str = "30d";

/// Kinds of options: a command below the command, and a text.
const SUBCOMMAND: u64 = 1;
const TEXT: u64 = 3;

/// A time that can be asked for: its name, what people choose it by, and what it is.
struct Span(&'static str, &'static str, PeriodInput);

/// Days by the organization's clocks. Those that still go on are told as far as they are past; the last so many days end
/// with yesterday, whole.
const SPANS: [Span; 9] = [
    Span("today", "Today", PeriodInput::Preset(PeriodPreset::Today)),
    Span("yesterday", "Yesterday", PeriodInput::Preset(PeriodPreset::Yesterday)),
    Span("7d", "Last 7 days", last_days(7)),
    Span("30d", "Last 30 days", last_days(30)),
    Span("90d", "Last 90 days", last_days(90)),
    Span("this-month", "This month", PeriodInput::Preset(PeriodPreset::MonthToDate)),
    Span("last-month", "Last month", PeriodInput::Preset(PeriodPreset::LastMonth)),
    Span("this-year", "This year", PeriodInput::Preset(PeriodPreset::YearToDate)),
    Span("last-year", "Last year", PeriodInput::Preset(PeriodPreset::LastYear)),
];

const fn last_days(count: u32) -> PeriodInput {
    PeriodInput::Last(LastInput { count, grain: Grain::Day, include_current: false })
}

/// What a command asks for.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which report.
    pub report: SharedReport,
    /// Of which time.
    pub period: PeriodInput,
}

/// Reads a command. What is wrong with it is told to whoever typed it, with what would be right.
pub fn read(typed: &Typed) -> Result<Question, String> {
    if typed.name != NAME {
        return Err(format!("There is no command `/{}` here; there is `/{NAME}`.", shown(&typed.name)));
    }
    let reports = || SharedReport::ALL.map(word).join(", ");
    let (asked, options) = parted(&typed.options);
    let Some(asked) = asked else {
        return Err(format!("Which report? `/{NAME} revenue`, say; there are {}.", reports()));
    };
    let report = SharedReport::ALL.into_iter().find(|report| [word(*report), report.name()].contains(&asked));
    let report =
        report.ok_or_else(|| format!("There is no report `{}`; there are {}.", shown(asked), reports()))?;
    let mut span = DEFAULT;
    for Given { name, value, .. } in options {
        if name != PERIOD {
            return Err(format!("A report takes `{PERIOD}`, and not `{}`.", shown(name)));
        }
        span = value.as_ref().and_then(Value::as_str).unwrap_or_default();
    }
    let period = SPANS.iter().find(|Span(name, ..)| *name == span).map(|Span(_, _, period)| period.clone());
    let period = period.ok_or_else(|| {
        let spans = SPANS.iter().map(|Span(name, ..)| *name).collect::<Vec<_>>().join(", ");
        format!("There is no period `{}`; there are {spans}.", shown(span))
    })?;
    Ok(Question { report, period })
}

/// The report's name, and what is said besides. The command is registered with a command below it for each report; one
/// that has the report as its value `type` is the same question.
fn parted(options: &[Given]) -> (Option<&str>, Vec<&Given>) {
    if let [Given { name, value: None, options }] = options {
        return (Some(name), options.iter().collect());
    }
    let (kind, rest): (Vec<&Given>, Vec<&Given>) = options.iter().partition(|given| given.name == TYPE);
    (kind.first().and_then(|given| given.value.as_ref()).and_then(Value::as_str), rest)
}

/// A text that was typed, as it can stand between backticks.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() && *letter != '`').take(50).collect()
}

/// The commands as Discord is told of them: one, with a command below it for each report. In servers only: nobody is
/// known by a direct message.
pub fn definitions() -> Value {
    let choices = SPANS.each_ref().map(|Span(name, words, _)| json!({ "name": words, "value": name }));
    let period = json!({
        "type": TEXT,
        "name": PERIOD,
        "description": "Of which time; the last 30 days where nothing is said",
        "required": false,
        "choices": choices,
    });
    let reports = SharedReport::ALL.map(|report| {
        json!({
            "type": SUBCOMMAND,
            "name": word(report),
            "description": about(report),
            "options": [period],
        })
    });
    json!([{
        "type": 1,
        "name": NAME,
        "description": "The figures of this organization that say most",
        "contexts": [0],
        "integration_types": [0],
        "options": reports,
    }])
}

/// What a report is called after `/report`: one word.
fn word(report: SharedReport) -> &'static str {
    match report {
        SharedReport::RevenueOverview => "revenue",
        SharedReport::SalesVelocity => "sales",
        SharedReport::ProductPerformance => "products",
        SharedReport::CustomerInsights => "customers",
        SharedReport::CouponImpact => "coupons",
        SharedReport::TimeOfDayHeatmap => "hours",
        SharedReport::InventoryTurnover => "inventory",
        SharedReport::RefundCancelRate => "refunds",
        SharedReport::ChannelPerformance => "channels",
        SharedReport::GeographicDistribution => "places",
    }
}

/// What it tells, in a line.
fn about(report: SharedReport) -> &'static str {
    match report {
        SharedReport::RevenueOverview => "What came in, by day and channel",
        SharedReport::SalesVelocity => "How fast things sell, and whether that grows",
        SharedReport::ProductPerformance => "What sells, and what no longer does",
        SharedReport::CustomerInsights => "Who buys, who comes back, what they are worth",
        SharedReport::CouponImpact => "What coupons brought, and what they cost",
        SharedReport::TimeOfDayHeatmap => "On which weekday and at which hour people buy",
        SharedReport::InventoryTurnover => "How fast stock goes, and what lies dead",
        SharedReport::RefundCancelRate => "What is given back and called off",
        SharedReport::ChannelPerformance => "What each channel brings",
        SharedReport::GeographicDistribution => "Where people buy",
    }
}
