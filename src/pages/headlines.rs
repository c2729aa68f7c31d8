//! The figures that say most, as cards: each with what became of it since the window before.

use maud::{Markup, html};

use super::moment::Days;
use super::{shown, text};
use crate::export::Cell;
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
        p.figure { (shown::element(days, kind, &headline.value)) }
        @if let Some(previous) = &headline.previous {
            @if let Some(growth) = &headline.growth { (change(growth, headline.better, days)) }
            @if *previous == Cell::Empty {
                p.before { "nothing to compare with " (before) }
            } @else {
                p.before { (shown::element(days, kind, previous)) " " (before) }
            }
        }
    }
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
