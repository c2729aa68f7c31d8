//! A report as a card in a chat: what it is about, a drawing, the figures that say most, and where the rest is.

use serde::Serialize;

use super::text::{cut, escaped, name};
use super::trend;
use crate::export::Cell;
use crate::pages::moment::{Days, zone_name};
use crate::pages::{Locale, shown};
use crate::reports::shared::{Headline, Told};

/// What Discord takes, in UTF-16 units.
const TITLE: usize = 256;
const AUTHOR: usize = 256;
const DESCRIPTION: usize = 4096;
const FIELD_NAME: usize = 256;
const FIELD_VALUE: usize = 1024;
const FOOTER: usize = 2048;
const FIELDS: usize = 25;
const WHOLE: usize = 6000;
/// The stripe beside it: the pages' accent.
const COLOUR: u32 = 0x2A_63_C9;

/// A card.
#[derive(Clone, Debug, Serialize)]
pub struct Embed {
    title: String,
    author: Author,
    description: String,
    color: u32,
    fields: Vec<Field>,
    footer: Footer,
}

#[derive(Clone, Debug, Serialize)]
struct Author {
    name: String,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    value: String,
    inline: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Footer {
    text: String,
}

impl Embed {
    /// Of a report, for readers who write numbers in that way; `link` says in markup where the whole of it is.
    pub fn of(told: &Told, locale: &Locale, link: Option<&str>) -> Self {
        let days = Days { zone: told.time_zone, locale };
        let period = days.plain_period(&told.period);
        let drawn = trend::drawn(told, days);
        let paragraphs = [Some(period.as_str()), drawn.as_deref(), link];
        let description: Vec<&str> = paragraphs.into_iter().flatten().collect();
        let footer = format!(
            "As of {}. Times are those of {}, amounts are in {}.",
            days.abbreviated_instant(told.as_of),
            zone_name(told.time_zone),
            told.currency
        );
        let embed = Self {
            title: cut(told.report.title(), TITLE).into_owned(),
            author: Author { name: cut(&crate::pages::text::plain(&told.organization), AUTHOR).into_owned() },
            description: cut(&description.join("\n"), DESCRIPTION).into_owned(),
            color: COLOUR,
            fields: told.headlines.iter().take(FIELDS).map(|headline| field(headline, days)).collect(),
            footer: Footer { text: cut(&footer, FOOTER).into_owned() },
        };
        embed.within_the_whole()
    }

    /// Without the last fields, where all together are more than Discord takes.
    fn within_the_whole(mut self) -> Self {
        while self.length() > WHOLE && self.fields.pop().is_some() {}
        self
    }

    fn length(&self) -> usize {
        let fields = self.fields.iter().flat_map(|field| [&field.name, &field.value]);
        let texts = [&self.title, &self.author.name, &self.description, &self.footer.text];
        texts.into_iter().chain(fields).map(|text| text.encode_utf16().count()).sum()
    }
}

/// A figure, and below it what became of it since the window before.
fn field(headline: &Headline, days: Days) -> Field {
    let kind = headline.column.kind;
    let shown = |cell: &Cell| match cell {
        Cell::Text(text) => name(text),
        cell => escaped(&shown::text(days, kind, cell)),
    };
    let mut value = format!("**{}**", shown(&headline.value));
    if let Some(previous) = &headline.previous {
        let change = headline.growth.as_ref().and_then(|growth| {
            let percent = escaped(&shown::magnitude(days, growth)?);
            Some(match (growth.is_zero(), growth.is_positive()) {
                (true, _) => "no change".to_owned(),
                (_, true) => format!("▲ {percent}"),
                (_, false) => format!("▼ {percent}"),
            })
        });
        let before = match previous {
            Cell::Empty => "nothing to compare with".to_owned(),
            previous => format!("{} before", shown(previous)),
        };
        let below: Vec<String> = change.into_iter().chain([before]).collect();
        value = format!("{value}\n{}", below.join(" · "));
    }
    Field {
        name: cut(&name(&headline.column.heading), FIELD_NAME).into_owned(),
        value: cut(&value, FIELD_VALUE).into_owned(),
        inline: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Column, Kind};
    use crate::period::Period;
    use crate::reports::shared::{Better, SharedReport};

    /// A report whose every text is as long and as hostile as it can be.
    fn told(headlines: usize) -> Told {
        let at = |text: &str| text.parse().expect("an instant");
        let long = "*_`@[".repeat(400);
        let headline = Headline {
            name: "x".into(),
            column: Column::new(long.clone(), Kind::Text),
            value: Cell::text(long.clone()),
            previous: Some(Cell::text(long.clone())),
            growth: None,
            better: Better::Neither,
        };
        Told {
            report: SharedReport::RevenueOverview,
            organization: long,
            period: Period::new(at("2026-03-01T00:00:00Z"), at("2026-04-01T00:00:00Z")).expect("a period"),
            time_zone: chrono_tz::Tz::UTC,
            currency: "EUR".parse().expect("a currency"),
            as_of: at("2026-04-25T00:00:00Z"),
            headlines: vec![headline; headlines],
            sections: Vec::new(),
        }
    }

    #[test]
    fn a_card_is_never_larger_than_discord_takes() {
        for headlines in [0, 4, 25, 40] {
            let embed = Embed::of(&told(headlines), &Locale::default(), Some("link"));
            let size = |text: &str| text.encode_utf16().count();
            assert!(embed.fields.len() <= 25 && embed.length() <= 6000, "{headlines}: {}", embed.length());
            assert!(embed.fields.iter().all(|field| size(&field.name) <= 256 && size(&field.value) <= 1024));
            assert!(size(&embed.title) <= 256 && size(&embed.author.name) <= 256);
            assert_eq!(embed.description, "31 days: 1 to 31 March 2026\nlink");
            // As many as fit.
            assert_eq!(embed.fields.len(), headlines.min(9), "{headlines}");
        }
    }
}
