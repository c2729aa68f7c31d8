//! What is sold: categories within categories, and products with prices that shops write.

use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::places::COUNTRIES;
use super::{CURRENCY, Calendar, DemoError, Shop};
use crate::money::decimal_text;

/// The category's path from the top, what stands in it, and the cheapest and dearest price in cents.
struct Shelf(&'static [&'static str], &'static [&'static str], i64, i64);

const SHELVES: [Shelf; 16] = [
    Shelf(&["Home", "Lighting"], &["Desk Lamp", "Pendant", "Floor Lamp", "Lantern"], 1_900, 18_900),
    Shelf(&["Home", "Textiles"], &["Throw", "Cushion", "Rug", "Curtain"], 1_200, 24_900),
    Shelf(&["Home", "Furniture"], &["Side Table", "Stool", "Bookshelf", "Bench"], 4_900, 64_900),
    Shelf(&["Home", "Decoration"], &["Vase", "Mirror", "Wall Clock", "Candle Set"], 700, 9_900),
    Shelf(&["Kitchen", "Cookware"], &["Saucepan", "Casserole", "Frying Pan", "Kettle"], 2_400, 21_900),
    Shelf(&["Kitchen", "Tableware"], &["Plate Set", "Bowl Set", "Mug", "Carafe"], 800, 8_900),
    Shelf(
        &["Kitchen", "Appliances", "Coffee"],
        &["Grinder", "Espresso Machine", "Drip Brewer"],
        3_900,
        89_900,
    ),
    Shelf(&["Kitchen", "Appliances", "Baking"], &["Stand Mixer", "Hand Mixer", "Scale"], 1_900, 44_900),
    Shelf(&["Office", "Desks"], &["Standing Desk", "Writing Desk", "Desk Mat"], 2_900, 79_900),
    Shelf(&["Office", "Stationery"], &["Notebook", "Pen Set", "Planner", "Folder"], 400, 4_900),
    Shelf(&["Outdoor", "Garden"], &["Planter", "Watering Can", "Pruner", "Trellis"], 900, 12_900),
    Shelf(&["Outdoor", "Camping"], &["Tent", "Sleeping Bag", "Camp Stove", "Headlamp"], 1_900, 39_900),
    Shelf(&["Electronics", "Audio"], &["Headphones", "Speaker", "Turntable"], 2_900, 59_900),
    Shelf(&["Electronics", "Smart Home"], &["Smart Bulb", "Thermostat", "Door Sensor"], 1_500, 19_900),
    Shelf(&["Kids", "Toys"], &["Building Blocks", "Puzzle", "Wooden Train", "Kite"], 900, 7_900),
    Shelf(&["Kids", "Books"], &["Picture Book", "Atlas", "Story Collection"], 700, 3_900),
];

const LINES: [&str; 48] = [
    "Alder", "Birch", "Cove", "Dune", "Elm", "Fjord", "Grove", "Heath", "Isle", "Jade", "Kelp", "Loam",
    "Moss", "Nook", "Opal", "Pine", "Quartz", "Ridge", "Slate", "Thistle", "Umber", "Vale", "Willow",
    "Yarrow", "Zephyr", "Amber", "Basalt", "Clover", "Drift", "Echo", "Fern", "Glade", "Hazel", "Indigo",
    "Juniper", "Koa", "Larch", "Mica", "Nettle", "Oak", "Pebble", "Quill", "Reed", "Sage", "Teal", "Ursa",
    "Vine", "Wren",
];

/// A product, as orders need it.
pub struct Product {
    pub id: String,
    /// Its number, from 0.
    pub number: usize,
    /// List price in cents of a euro, in the first year.
    pub price: i64,
    /// How many of a thousand orders that hold it end in a refund.
    pub refund_permille: u64,
    /// Number of the first day that it was sold on.
    launched: usize,
    /// Number of the first day that it was sold on no more.
    retired: usize,
    shelf: usize,
    name: String,
    /// What it costs the shop, in cents of a euro.
    pub cost: i64,
    is_active: bool,
    stock: u64,
}

impl Product {
    /// Units on hand on the last day.
    pub fn stock(&self) -> i64 {
        i64::try_from(self.stock).unwrap_or(0)
    }
}

/// What stock is drawn from, before it is known how much of a product sells.
const STOCK: u64 = 400;

/// Everything on sale.
pub struct Assortment {
    products: Vec<Product>,
    /// Popularity of all products up to and including this one.
    cumulated: Vec<u64>,
}

impl Assortment {
    /// More products for a shop with more orders: 120 to 2,400.
    pub fn new(shop: &Shop, calendar: &Calendar) -> Self {
        let count = (shop.orders / 100).clamp(120, 2_400);
        let mut chance = Chance::of(shop.seed, Topic::Assortment, 0);
        let mut products: Vec<Product> =
            (0..count).map(|number| product(&mut chance, number, calendar)).collect();
        let mut sum = 0;
        let cumulated: Vec<u64> = products
            .iter()
            .map(|product| {
                // A few sell much, most sell little, and dear things sell less.
                sum += 40_000_000
                    / (5 + chance.below(count))
                    / u64::try_from(product.price / 2_000 + 3).unwrap_or(3);
                sum
            })
            .collect();
        let mut before = 0;
        for (product, until) in products.iter_mut().zip(&cumulated) {
            // About what sells in two to sixteen weeks: five units in two orders, more lately than at first.
            let weeks = 2 + product.stock * 14 / STOCK;
            let sold = shop.orders * 5 * (until - before) * weeks / (sum * 104);
            before = *until;
            if product.stock > 0 {
                product.stock = sold.max(1) + product.stock % 5;
            }
        }
        Self { products, cumulated }
    }

    /// All of them, by number.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// A product that was on sale on the day of that number: the popular ones more often.
    pub fn pick(&self, chance: &mut Chance, day: usize) -> &Product {
        loop {
            let at = chance.below(self.cumulated.last().copied().unwrap_or_default());
            let product = &self.products[self.cumulated.partition_point(|sum| *sum <= at)];
            if (product.launched..product.retired).contains(&day) {
                return product;
            }
        }
    }

    /// Writes categories and products.
    pub fn write(&self, files: &mut Files) -> Result<(), DemoError> {
        let mut written = Vec::new();
        for Shelf(path, ..) in &SHELVES {
            for depth in 1..=path.len() {
                let (id, parent) = (category_id(&path[..depth]), category_id(&path[..depth - 1]));
                if !written.contains(&id) {
                    files.write(Entity::Categories, [&id, path[depth - 1], &parent])?;
                    written.push(id);
                }
            }
        }
        self.products.iter().try_for_each(|product| {
            let category = category_id(SHELVES[product.shelf].0);
            files.write(
                Entity::Products,
                [
                    &product.id,
                    &format!("{}-{}", category[..3].to_uppercase(), product.id.trim_start_matches("P-")),
                    &product.name,
                    &category,
                    &decimal_text(product.price, 2),
                    &decimal_text(product.cost, 2),
                    CURRENCY,
                    if product.is_active { "true" } else { "false" },
                    &product.stock.to_string(),
                ],
            )
        })
    }
}

fn category_id(path: &[&str]) -> String {
    path.join("-").to_lowercase().replace(' ', "-")
}

/// The product of that number: shelves and lines in turn, so that no two have the same name.
fn product(chance: &mut Chance, number: u64, calendar: &Calendar) -> Product {
    let index = usize::try_from(number).unwrap_or_default();
    let shelf = index % SHELVES.len();
    let round = index / SHELVES.len();
    let Shelf(_, nouns, low, high) = &SHELVES[shelf];
    let noun = nouns[round % nouns.len()];
    let line = LINES[(round / nouns.len() + 7 * shelf) % LINES.len()];
    let edition = round / (nouns.len() * LINES.len());
    let name = if edition == 0 { format!("{line} {noun}") } else { format!("{line} {noun} {}", edition + 1) };
    // Two draws, the lower one: cheap things are more common.
    let plain = chance.between(*low, *high).min(chance.between(*low, *high));
    let price = COUNTRIES[0].price(plain);
    let is_late = number >= 40 && chance.permille(220);
    let days = calendar.days().len() as u64;
    // Two draws, the later one: the shop launches more and more, up to the last days.
    let launch = chance.below(days - 2).max(chance.below(days - 2));
    let is_active = !chance.permille(50);
    // What was taken off the shelves lies in stock since, for more than a season.
    let retired = days - 100 - chance.below(160);
    let count = |number: u64| usize::try_from(number).unwrap_or(0);
    Product {
        id: format!("P-{:05}", number + 1),
        number: index,
        price,
        refund_permille: if chance.permille(60) { 160 } else { 15 + chance.below(45) },
        launched: if is_late && is_active { count(launch) } else { 0 },
        retired: if is_active { usize::MAX } else { count(retired) },
        shelf,
        name,
        cost: price * chance.between(380, 640) / 1000,
        is_active,
        stock: if chance.permille(70) { 0 } else { chance.below(STOCK) },
    }
}
