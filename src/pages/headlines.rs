//! The figures that say most, as cards: each with what became of it since the window before.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use maud::{Markup, html};

use super::moment::Days;
use super::{shown, text};
use crate::export::{Cell, Kind};
use crate::money::Exact;
use crate::reports::shared::{Better, Headline, Told};

/// All of them, in a row or in rows.
pub fn cards(told: &Told, days: Days) -> Markup {
    let before = days.length(&told.period).map_or_else(
        || "in the window of the same length before".to_owned(),
        |length| format!("in the {length} before"),
    );
    html! {
        @if !told.headlines.is_empty() {
            ul.headlines aria-label="Headline figures" {
                @for headline in &told.headlines { li { (card(headline, days, &before)) } }
            }
        }
    }
}

fn card(headline: &Headline, days: Days, before: &str) -> Markup {
    let kind = headline.column.kind;
    html! {
        h2 { (text::name(&headline.column.heading)) }
        p class=(fitted("figure", days, kind, &headline.value)) { (shown::element(days, kind, &headline.value)) }
        @if let Some(previous) = &headline.previous {
            @if let Some(growth) = &headline.growth { (change(growth, headline.better, days)) }
            @if *previous == Cell::Empty {
                p.before { "nothing to compare with " (before) }
            } @else {
                p class=(fitted("before", days, kind, previous)) { (shown::element(days, kind, previous)) " " (before) }
            }
        }
    }
}

/// Characters of a figure whose card has a style that keeps it on one line; what is shorter fits anyway.
const FITTED: RangeInclusive<usize> = 10..=40;

/// `class`, with another that says how long a long figure is: a card writes it as large as it fits, and never breaks it
/// within its digits.
fn fitted(class: &'static str, days: Days, kind: Kind, cell: &Cell) -> Cow<'static, str> {
    let count = shown::text(days, kind, cell).chars().count();
    if FITTED.contains(&count) { format!("{class} chars-{count}").into() } else { class.into() }
}

/// `▲ 12.5% better`: an arrow and words, so that nothing hangs on a colour.
fn change(growth: &Exact, better: Better, days: Days) -> Markup {
    let Some(percent) = shown::magnitude(days, growth) else { return Markup::default() };
    let grew = growth.is_positive();
    let (class, verdict) = match better {
        _ if growth.is_zero() => return html! { p.change { span.even { "no change" } } },
        Better::More if grew => ("better", Some("better")),
        Better::Less if !grew => ("better", Some("better")),
        Better::More | Better::Less => ("worse", Some("worse")),
        Better::Neither => ("even", None),
    };
    let (arrow, direction) = if grew { ("▲", "up") } else { ("▼", "down") };
    html! {
        p.change {
            span class=(class) {
                span aria-hidden="true" { (arrow) } " "
                span.unseen { (direction) " " }
                (percent)
                @if let Some(verdict) = verdict { " " (verdict) }
            }
        }
    }
}
