//! Who comes to the shop, from where and with what, in proportions that were measured elsewhere; and who refers them.

use super::DemoError;
use super::chance::Chance;
use super::files::{Entity, Files};

/// Device, operating system and browser with their shares: the 10,000 weighted user agents of the npm package user-agents 2.1.198
/// (Intoli, BSD-2-Clause), in ten-thousandths; what is below two of them is left out.
const MACHINES: [([&str; 3], u64); 19] = [
    (["mobile", "iOS", "Safari"], 2911),
    (["desktop", "macOS", "Chrome"], 2859),
    (["mobile", "Android", "Chrome"], 1550),
    (["mobile", "iOS", "Chrome"], 1065),
    (["desktop", "Windows", "Chrome"], 959),
    (["desktop", "macOS", "Safari"], 191),
    (["desktop", "Windows", "Edge"], 163),
    (["desktop", "Linux", "Chrome"], 57),
    (["desktop", "ChromeOS", "Chrome"], 56),
    (["desktop", "Windows", "Firefox"], 45),
    (["mobile", "Android", "Samsung Internet"], 42),
    (["desktop", "macOS", "Firefox"], 23),
    (["desktop", "Windows", "Opera"], 13),
    (["mobile", "iOS", "Firefox"], 11),
    (["tablet", "iOS", "Chrome"], 10),
    (["mobile", "Android", "Firefox"], 10),
    (["tablet", "Android", "Chrome"], 9),
    (["tablet", "iOS", "Safari"], 4),
    (["desktop", "macOS", "Opera"], 3),
];

/// Countries of visitors who buy nothing, in thousandths of the sessions of the Google Merchandise Store's public sample
/// (2016-08 to 2017-08); of the countries below five of them all together are told as unknown.
const COUNTRIES: [(&str, u64); 26] = [
    ("US", 575),
    ("IN", 48),
    ("GB", 44),
    ("CA", 42),
    ("DE", 22),
    ("JP", 16),
    ("AU", 15),
    ("FR", 15),
    ("TW", 11),
    ("NL", 11),
    ("BR", 10),
    ("IT", 9),
    ("ES", 8),
    ("SG", 8),
    ("PH", 7),
    ("MX", 7),
    ("RU", 7),
    ("ID", 6),
    ("IE", 6),
    ("PL", 6),
    ("CH", 5),
    ("CZ", 5),
    ("SE", 5),
    ("HK", 5),
    ("TR", 5),
    ("", 102),
];

/// What brought visitors, in thousandths of the same sessions; but ten times the affiliates, whom this shop lives by more.
const SOURCES: [(Source, u64); 6] = [
    (Source::Organic, 573),
    (Source::Direct, 197),
    (Source::Referral, 171),
    (Source::PaidSearch, 34),
    (Source::Display, 8),
    (Source::Affiliate, 170),
];

/// How many pages a visit has, in thousandths of the same sessions; the last stands for more, too.
pub const PAGES: [u64; 12] = [223, 141, 122, 113, 102, 75, 60, 46, 36, 16, 14, 53];

/// What brought a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Organic,
    Direct,
    Referral,
    PaidSearch,
    Display,
    Affiliate,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Self::Organic => "organic",
            Self::Direct => "direct",
            Self::Referral => "referral",
            Self::PaidSearch => "paid search",
            Self::Display => "display",
            Self::Affiliate => "affiliate",
        }
    }

    /// The page that visitors were on before.
    fn referrer(self) -> &'static str {
        match self {
            Self::Organic => "https://www.google.com/",
            Self::Direct => "",
            Self::Referral => "https://forum.example/living",
            Self::PaidSearch => "https://www.google.com/aclk",
            Self::Display => "https://news.example/",
            Self::Affiliate => "https://blog.example/finds",
        }
    }
}

/// A visitor, as events tell of them.
pub struct Visitor {
    pub session: String,
    pub device: &'static str,
    pub os: &'static str,
    pub browser: &'static str,
    pub country: &'static str,
    pub source: &'static str,
    pub referrer: &'static str,
    /// The code of the link that they came by.
    pub code: Option<&'static str>,
}

impl Visitor {
    /// Somebody from `country`, or from anywhere.
    pub fn draw(chance: &mut Chance, number: u64, country: Option<&'static str>) -> Self {
        let [device, os, browser] = chance.choose(&MACHINES);
        let source = chance.choose(&SOURCES);
        let anywhere = chance.choose(&COUNTRIES);
        let code = (source == Source::Affiliate).then(|| some_code(chance));
        Self {
            session: format!("s-{number:07}"),
            device,
            os,
            browser,
            country: country.unwrap_or(anywhere),
            source: source.name(),
            referrer: code.map_or(source.referrer(), |code| code.referrer),
            code: code.map(|code| code.code),
        }
    }
}

/// A country that the shop delivers to, as events tell it.
pub fn country_code(name: &str) -> &'static str {
    match name {
        "Germany" => "DE",
        "France" => "FR",
        "Netherlands" => "NL",
        "Austria" => "AT",
        "Spain" => "ES",
        "United Kingdom" => "GB",
        "United States" => "US",
        "Switzerland" => "CH",
        "Japan" => "JP",
        _ => "",
    }
}

/// Who refers customers: id, name.
const AFFILIATES: [[&str; 2]; 8] = [
    ["A-01", "Jane Smith"],
    ["A-02", "Hygge at Home"],
    ["A-03", "Lena Vogt"],
    ["A-04", "The Quiet Kitchen"],
    ["A-05", "Marco Bianchi"],
    ["A-06", "Desk & Lamp"],
    ["A-07", "Yuki Tanaka"],
    ["A-08", "Camp Notes"],
];

/// A link with a code: whose that is, what it earns, how much it is used and from where.
#[derive(Clone, Copy)]
struct Link {
    code: &'static str,
    affiliate: &'static str,
    rate: &'static str,
    fixed: &'static str,
    weight: u64,
    referrer: &'static str,
}

const fn code(
    code: &'static str,
    affiliate: &'static str,
    rate: &'static str,
    weight: u64,
    referrer: &'static str,
) -> Link {
    Link { code, affiliate, rate, fixed: "", weight, referrer }
}

const CODES: [Link; 12] = [
    code("AFF-JANE-001", "A-01", "0.15", 260, "https://blog.example/review"),
    code("AFF-JANE-002", "A-01", "0.12", 90, "https://video.example/jane"),
    code("HYGGE10", "A-02", "0.1", 190, "https://hygge.example/lamps"),
    code("LENA", "A-03", "0.08", 120, "https://social.example/lena"),
    code("QUIET-KITCHEN", "A-04", "0.08", 80, "https://kitchen.example/"),
    code("QUIET-COFFEE", "A-04", "0.125", 40, "https://kitchen.example/coffee"),
    Link { fixed: "7.50", ..code("MARCO", "A-05", "", 70, "https://social.example/marco") },
    code("DESKLAMP", "A-06", "0.1", 60, "https://desk.example/setup"),
    code("YUKI-JP", "A-07", "0.09", 30, "https://yuki.example/"),
    code("CAMPNOTES", "A-08", "0.07", 40, "https://camp.example/gear"),
    // The shop's own: nobody earns by them.
    code("NEWSLETTER", "", "0", 60, ""),
    code("PACKAGE-INSERT", "", "0", 20, ""),
];

/// A code, the popular ones more often.
fn some_code(chance: &mut Chance) -> Link {
    CODES[chance.weighted(CODES.iter().map(|code| code.weight))]
}

/// The name of a code, the popular ones more often.
pub fn another_code(chance: &mut Chance) -> &'static str {
    some_code(chance).code
}

/// Writes affiliates and their codes.
pub fn write(files: &mut Files) -> Result<(), DemoError> {
    for [id, name] in AFFILIATES {
        let email = format!("{}@affiliates.example", id.to_lowercase());
        files.write(Entity::Affiliates, [id, name, &email])?;
    }
    for Link { code, affiliate, rate, fixed, .. } in CODES {
        files.write(Entity::TrackingCodes, [code, affiliate, rate, fixed])?;
    }
    Ok(())
}
