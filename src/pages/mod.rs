//! The public page of a shared report: HTML that is whole without scripts, and drawn and switched where they run.
//!
//! Pure functions of what is told and of how its reader writes numbers. They know neither who serves the page nor what makes
//! a link to it valid. What they are given may hold any text: `maud` escapes it wherever it stands, and `text` stills what
//! escaping does not.

mod headlines;
mod heatmap;
mod locale;
pub(crate) mod moment;
mod section;
pub(crate) mod shown;
pub(crate) mod text;

use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, html};
use playground::ReportScripts;

use self::moment::Days;
use self::section::Around;
use crate::reports::shared::Told;

pub use self::locale::Locale;

/// What the page cannot know of itself.
#[derive(Clone, Copy, Debug)]
pub struct Links<'a> {
    /// Path of the same report as CSV.
    pub csv: &'a str,
    /// Until when the page can be opened.
    pub expires_at: DateTime<Utc>,
}

/// Headers of both pages: nothing is stored, indexed, framed or told to others, and nothing comes from anywhere but this
/// server. What the page loads may be stored: its name changes with its content.
pub const HEADERS: [(&str, &str); 10] = [
    ("content-type", "text/html; charset=utf-8"),
    ("content-language", "en"),
    ("vary", "accept-language"),
    ("cache-control", "no-store"),
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex, nofollow, noarchive"),
];

/// Scripts, styles and images from files alone, nothing within the page; and no script may write markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

/// The page of a report, for a reader who writes numbers in that way.
pub fn report(told: &Told, links: &Links, locale: &Locale) -> String {
    page(told, links, locale, playground::report_parts().scripts)
}

/// The page behind every link that does not work. It says nothing of why.
pub fn dead_link() -> String {
    let told = html! {
        main.dead {
            h1 { "This link does not work" }
            p { "It has expired, or it is not complete." }
            h2 { "What to do" }
            ul {
                li { "Open it once more from where you got it: the whole of it, to its last character." }
                li {
                    "If it still does not work, ask whoever sent it for a new link. Say which report it was, and which period \
                     you want to see: links work for a limited time, and a new one is made in a moment."
                }
            }
        }
        footer { p { "Countinghouse" } }
    };
    document("This link does not work", &Locale::default(), None, &told).into_string()
}

/// The page behind a link that is good, where the report cannot be told: in words of its own, since why is not for readers.
pub fn not_told() -> String {
    let told = html! {
        main.dead {
            h1 { "This report cannot be shown now" }
            p { "The link is good, but the figures could not be told." }
            h2 { "What to do" }
            ul {
                li { "Open it again in a few minutes: perhaps much is going on just now." }
                li { "If it stays so, tell whoever sent it: they can see what is missing, an exchange rate perhaps." }
            }
        }
        footer { p { "Countinghouse" } }
    };
    document("This report cannot be shown now", &Locale::default(), None, &told).into_string()
}

fn page(told: &Told, links: &Links, locale: &Locale, scripts: Option<ReportScripts>) -> String {
    let days = Days { zone: told.time_zone, locale };
    let around = Around { days, period: &told.period, draws: scripts.is_some() };
    let title = format!("{} · {}", told.report.title(), text::isolated(&told.organization));
    let body = html! {
        (header(told, links, days))
        main {
            (headlines::cards(told, days))
            @for section in &told.sections { (section::section(section, around)) }
        }
        (footer(told, links, days))
    };
    document(&title, locale, scripts, &body).into_string()
}

fn header(told: &Told, links: &Links, days: Days) -> Markup {
    html! {
        header {
            div {
                p.organization { (text::name(&told.organization)) }
                h1 { (told.report.title()) }
                p.period {
                    @if let Some(length) = days.length(&told.period) { (length) ": " }
                    (days.period(&told.period))
                }
                p.about {
                    "As of " (days.instant(told.as_of)) ". Times are those of " (moment::zone_name(told.time_zone))
                    ", amounts are in " (told.currency) "."
                }
            }
            p.download { a href=(links.csv) download { "Download as CSV" } }
        }
    }
}

fn footer(told: &Told, links: &Links, days: Days) -> Markup {
    html! {
        footer {
            p {
                (text::name(&told.organization)) " shared this report by its link. Whoever has the link can read this page and \
                no other; it works until " (days.instant(links.expires_at)) "."
            }
            p { "Countinghouse" }
        }
    }
}

fn document(title: &str, locale: &Locale, scripts: Option<ReportScripts>, body: &Markup) -> Markup {
    let parts = playground::report_parts();
    html! {
        (DOCTYPE)
        html lang="en" dir="ltr" data-locale=(locale.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex, nofollow, noarchive";
                meta name="referrer" content="no-referrer";
                title { (title) }
                link rel="icon" href=(parts.icon);
                link rel="stylesheet" href=(parts.style);
                @if let Some(ReportScripts { start, charts }) = scripts {
                    link rel="modulepreload" href=(charts);
                    script type="module" src=(start) {}
                }
            }
            body { (body) }
        }
    }
}

#[cfg(test)]
mod tests;
