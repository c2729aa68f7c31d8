//! Where customers live, what they pay in, and what the shop charges there.

use super::chance::Chance;
use crate::money::decimal_text;

/// A country that the shop delivers to. Amounts are minor units of its currency.
pub struct Country {
    pub name: &'static str,
    pub currency: &'static str,
    /// Out of all customers' weights.
    weight: u64,
    /// How far its clocks are ahead of UTC, the year round.
    pub utc_offset_hours: i64,
    /// Value added tax, in thousandths of the net price.
    pub tax_permille: i64,
    pub shipping: i64,
    pub free_shipping_from: i64,
    /// Price of something that costs 10.00 EUR.
    pub price_of_ten_euro: i64,
    regions: &'static [(&'static str, &'static [&'static str])],
}

/// A town and what lies around it.
pub struct Place {
    pub country: &'static Country,
    pub region: &'static str,
    pub city: &'static str,
}

/// The shop's home comes first.
pub static COUNTRIES: [Country; 9] = [
    Country {
        name: "Germany",
        currency: "EUR",
        weight: 300,
        utc_offset_hours: 1,
        tax_permille: 190,
        shipping: 490,
        free_shipping_from: 5_900,
        price_of_ten_euro: 1_000,
        regions: &[
            ("Berlin", &["Berlin"]),
            ("Bavaria", &["Munich", "Nuremberg", "Augsburg"]),
            ("Hamburg", &["Hamburg"]),
            ("North Rhine-Westphalia", &["Cologne", "Düsseldorf", "Dortmund", "Essen"]),
            ("Saxony", &["Leipzig", "Dresden"]),
        ],
    },
    Country {
        name: "France",
        currency: "EUR",
        weight: 140,
        utc_offset_hours: 1,
        tax_permille: 200,
        shipping: 690,
        free_shipping_from: 7_900,
        price_of_ten_euro: 1_000,
        regions: &[
            ("Île-de-France", &["Paris", "Versailles"]),
            ("Auvergne-Rhône-Alpes", &["Lyon", "Grenoble"]),
            ("Occitanie", &["Toulouse", "Montpellier"]),
        ],
    },
    Country {
        name: "Netherlands",
        currency: "EUR",
        weight: 90,
        utc_offset_hours: 1,
        tax_permille: 210,
        shipping: 590,
        free_shipping_from: 6_900,
        price_of_ten_euro: 1_000,
        regions: &[
            ("North Holland", &["Amsterdam", "Haarlem"]),
            ("South Holland", &["Rotterdam", "The Hague"]),
        ],
    },
    Country {
        name: "Austria",
        currency: "EUR",
        weight: 60,
        utc_offset_hours: 1,
        tax_permille: 200,
        shipping: 590,
        free_shipping_from: 6_900,
        price_of_ten_euro: 1_000,
        regions: &[("Vienna", &["Vienna"]), ("Styria", &["Graz"]), ("Tyrol", &["Innsbruck"])],
    },
    Country {
        name: "Spain",
        currency: "EUR",
        weight: 60,
        utc_offset_hours: 0,
        tax_permille: 210,
        shipping: 790,
        free_shipping_from: 8_900,
        price_of_ten_euro: 1_000,
        regions: &[
            ("Madrid", &["Madrid"]),
            ("Catalonia", &["Barcelona", "Girona"]),
            ("Andalusia", &["Seville"]),
        ],
    },
    Country {
        name: "United Kingdom",
        currency: "GBP",
        weight: 130,
        utc_offset_hours: 0,
        tax_permille: 200,
        shipping: 590,
        free_shipping_from: 7_500,
        price_of_ten_euro: 880,
        regions: &[
            ("England", &["London", "Manchester", "Bristol", "Leeds"]),
            ("Scotland", &["Edinburgh", "Glasgow"]),
        ],
    },
    Country {
        name: "United States",
        currency: "USD",
        weight: 120,
        utc_offset_hours: -6,
        tax_permille: 0,
        shipping: 1_290,
        free_shipping_from: 12_000,
        price_of_ten_euro: 1_120,
        regions: &[
            ("California", &["Los Angeles", "San Francisco", "San Diego"]),
            ("New York", &["New York", "Buffalo"]),
            ("Texas", &["Austin", "Houston"]),
            ("Washington", &["Seattle"]),
        ],
    },
    Country {
        name: "Switzerland",
        currency: "CHF",
        weight: 60,
        utc_offset_hours: 1,
        tax_permille: 81,
        shipping: 990,
        free_shipping_from: 9_900,
        price_of_ten_euro: 1_060,
        regions: &[("Zürich", &["Zürich", "Winterthur"]), ("Geneva", &["Geneva"])],
    },
    Country {
        name: "Japan",
        currency: "JPY",
        weight: 40,
        utc_offset_hours: 9,
        tax_permille: 100,
        shipping: 1_500,
        free_shipping_from: 15_000,
        price_of_ten_euro: 1_660,
        regions: &[("Kantō", &["Tokyo", "Yokohama"]), ("Kansai", &["Osaka", "Kyoto"])],
    },
];

/// A town somewhere, more often in a country with more customers.
pub fn somewhere(chance: &mut Chance) -> Place {
    let country = &COUNTRIES[chance.weighted(COUNTRIES.iter().map(|country| country.weight))];
    let (region, cities) = chance.pick(country.regions);
    Place { country, region, city: chance.pick(cities) }
}

impl Country {
    /// What something that costs `cents` of a euro costs here: a price as shops write them (24.99, ¥1,980).
    pub fn price(&self, cents: i64) -> i64 {
        let plain = cents * self.price_of_ten_euro / 1000;
        match self.currency {
            "JPY" => (plain + 5) / 10 * 10,
            _ if plain < 2_000 => (plain + 25) / 50 * 50 - 1,
            _ => (plain + 50) / 100 * 100 - 1,
        }
    }

    /// Minor units as the import reads them.
    pub fn amount(&self, minor: i64) -> String {
        decimal_text(minor, if self.currency == "JPY" { 0 } else { 2 })
    }

    /// The tax within `total`, rounded half up.
    pub fn tax_within(&self, total: i64) -> i64 {
        let whole = 1000 + self.tax_permille;
        (2 * total * self.tax_permille + whole) / (2 * whole)
    }
}
