//! Who buys. A customer is a function of the seed and their number, so that none need be remembered.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, Utc};

use super::chance::{Chance, Topic, mix};
use super::files::{Entity, Files};
use super::ledger::Ledger;
use super::places::{Place, somewhere};
use super::{DemoError, Shop};

const FIRST_NAMES: [&str; 40] = [
    "Anna", "Ben", "Clara", "David", "Elif", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Klara", "Leo",
    "Mila", "Noah", "Olivia", "Paul", "Quentin", "Rosa", "Samuel", "Tara", "Uma", "Victor", "Wanda", "Xenia",
    "Yuki", "Zoe", "Amir", "Bianca", "Carlos", "Daria", "Emil", "Fatima", "Georg", "Hana", "Ivan", "Julia",
    "Kenji", "Lena", "Marco", "Nora",
];

const LAST_NAMES: [&str; 48] = [
    "Abel",
    "Bauer",
    "Chen",
    "Dubois",
    "Evans",
    "Fischer",
    "García",
    "Hughes",
    "Ivanova",
    "Jansen",
    "Keller",
    "Lefèvre",
    "Meyer",
    "Nakamura",
    "O'Brien",
    "Petit",
    "Quinn",
    "Rossi",
    "Sato",
    "Tanaka",
    "Ueda",
    "Vogel",
    "Weber",
    "Xu",
    "Young",
    "Zimmermann",
    "Andersson",
    "Bernard",
    "Costa",
    "Diaz",
    "Eriksen",
    "Franke",
    "Gruber",
    "Hoffmann",
    "Ito",
    "Jones",
    "Klein",
    "Lopez",
    "Moreau",
    "Novak",
    "Olsen",
    "Peters",
    "Richter",
    "Schmidt",
    "Taylor",
    "Van Dijk",
    "Wagner",
    "Zeller",
];

const FIRMS: [&str; 24] = [
    "Harbor",
    "Summit",
    "Linden",
    "Northgate",
    "Bluebird",
    "Copper",
    "Meadow",
    "Atlas",
    "Beacon",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Granite",
    "Horizon",
    "Iris",
    "Juniper",
    "Keystone",
    "Lumen",
    "Maple",
    "Nimbus",
    "Orchard",
    "Pioneer",
    "Quarry",
];

const TRADES: [&str; 10] = [
    "Interiors",
    "Hotels",
    "Studio",
    "Trading",
    "Offices",
    "Cafés",
    "Design",
    "Schools",
    "Clinics",
    "Retail",
];

const CHANNELS: [(&str, u64); 6] =
    [("organic", 34), ("paid", 24), ("referral", 14), ("email", 10), ("social", 13), ("direct", 5)];

/// Numbers and names of the people who sell to firms.
pub const SALES_REPS: [(&str, &str); 12] = [
    ("SR-01", "Amelia Hart"),
    ("SR-02", "Bruno Keller"),
    ("SR-03", "Chiara Conti"),
    ("SR-04", "Dominik Wolf"),
    ("SR-05", "Esther Blum"),
    ("SR-06", "François Roy"),
    ("SR-07", "Greta Lind"),
    ("SR-08", "Haruto Mori"),
    ("SR-09", "Isabel Reyes"),
    ("SR-10", "Jack Turner"),
    ("SR-11", "Karin Egger"),
    ("SR-12", "Liam Doyle"),
];

/// Writes the sales representatives.
pub fn write_sales_reps(files: &mut Files) -> Result<(), DemoError> {
    SALES_REPS.iter().try_for_each(|(number, name)| files.write(Entity::SalesReps, [number, name]))
}

/// A customer, as orders need them.
pub struct Customer {
    pub id: String,
    pub place: Place,
    /// Firms buy much at a time, in office hours, from the same person: the index among [`SALES_REPS`].
    pub sales_rep: Option<usize>,
}

/// The customers won so far.
pub struct Customers {
    seed: u64,
    known: u64,
    /// How many there were on the first day, won in the two years before.
    older: u64,
    start: NaiveDate,
}

impl Customers {
    /// The customers on the first day, `start`.
    pub fn new(shop: &Shop, start: NaiveDate) -> Self {
        let older = (shop.orders / 25).max(1);
        Self { seed: shop.seed, known: older, older, start }
    }

    /// Writes those who were there before the first day.
    pub fn write_older(&self, ledger: &mut Ledger, files: &mut Files) -> Result<(), DemoError> {
        for number in 0..self.older {
            // The first were won longest ago.
            let days_ago = 730 - number * 730 / self.older;
            let day = self.start - Days::new(days_ago.max(1));
            let second = i64::try_from(mix(self.seed, number) % 86_400).unwrap_or(0);
            let acquired = day.and_time(NaiveTime::MIN).and_utc() + chrono::Duration::seconds(second);
            self.write(number, acquired, files)?;
            ledger.win(self, number, acquired);
        }
        Ok(())
    }

    /// How many there are.
    pub fn known(&self) -> u64 {
        self.known
    }

    /// One more; [`Self::write`] them once it is known when.
    pub fn win(&mut self) -> u64 {
        self.known += 1;
        self.known - 1
    }

    /// One of the first `known`: mostly somebody who likes it here, and rather somebody who came lately.
    pub fn returning(&self, chance: &mut Chance, known: u64) -> u64 {
        let mut number = chance.below(known);
        for _ in 0..12 {
            let loyalty = match mix(self.seed ^ 0x10_7A17, number) % 100 {
                0..5 => 900,
                5..20 => 350,
                20..50 => 110,
                _ => 25,
            };
            let is_old = number < known / 2;
            if chance.permille(if is_old { loyalty / 2 } else { loyalty }) {
                break;
            }
            number = chance.below(known);
        }
        number
    }

    /// The customer of that number.
    pub fn get(&self, number: u64) -> Customer {
        let mut chance = self.traits(number);
        let place = somewhere(&mut chance);
        let is_firm = chance.permille(60);
        let sales_rep =
            is_firm.then(|| chance.weighted((1..=SALES_REPS.len() as u64).rev().map(|rank| rank * rank)));
        Customer { id: format!("C-{:06}", number + 1), place, sales_rep }
    }

    /// Writes the customer of that number.
    pub fn write(&self, number: u64, acquired: DateTime<Utc>, files: &mut Files) -> Result<(), DemoError> {
        let customer = self.get(number);
        let mut chance = self.traits(!number);
        let person = (chance.pick(&FIRST_NAMES), chance.pick(&LAST_NAMES));
        let firm = format!("{} {}", chance.pick(&FIRMS), chance.pick(&TRADES));
        let channel = chance.choose(&CHANNELS);
        let name = format!("{} {}", person.0, person.1);
        let mailbox: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        let email = format!("{}{}@example.com", mailbox.to_lowercase(), number + 1);
        let (name, company) = if customer.sales_rep.is_some() { (&firm, firm.as_str()) } else { (&name, "") };
        let place = &customer.place;
        files.write(
            Entity::Customers,
            [
                &customer.id,
                &(100_000 + number).to_string(),
                name,
                company,
                &email,
                place.country.name,
                place.region,
                place.city,
                channel,
                &acquired.to_rfc3339_opts(SecondsFormat::Secs, true),
            ],
        )
    }

    fn traits(&self, number: u64) -> Chance {
        Chance::of(self.seed, Topic::Customer, number)
    }
}
