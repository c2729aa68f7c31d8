//! What visitors did in the last thirteen weeks, since when the shop tracks them: those who looked around, and those who bought. Of a
//! large shop's visits a sample.

use std::ops::Range;

use chrono::{DateTime, Duration, Utc};

use super::assortment::{Assortment, Product};
use super::audience::{self, PAGES, Visitor};
use super::calendar::{Calendar, second_of_day};
use super::chance::{Chance, Topic};
use super::files::{Entity, Files};
use super::places::Country;
use super::{DemoError, Shop, instant_text};

/// Days that are tracked.
const DAYS: usize = 91;
/// Visits without an order for each order of a day.
const VISITS_AN_ORDER: u64 = 4;
/// Most visits without an order in a day, and most orders whose visits are told.
const MOST: (u64, u64) = (600, 100);
/// Where the shop is.
const SHOP: &str = "https://shop.example";

/// An order whose visit is told.
pub struct Bought<'a> {
    pub id: &'a str,
    pub placed: DateTime<Utc>,
    pub country: &'static Country,
    /// In minor units of the country's currency.
    pub total: i64,
    pub products: Vec<&'a Product>,
}

/// Visits so far.
pub struct Traffic {
    chance: Chance,
    days: Range<usize>,
    visits: u64,
    events: u64,
    conversions: u64,
    /// Orders of the day that were told.
    orders: u64,
}

/// What of a page is told.
struct Seen<'a> {
    at: DateTime<Utc>,
    kind: &'static str,
    page: &'a str,
    product: &'a str,
}

impl Traffic {
    /// Of the shop's last days.
    pub fn new(shop: &Shop, calendar: &Calendar) -> Self {
        let end = calendar.days().len();
        let chance = Chance::of(shop.seed, Topic::Traffic, 0);
        Self { chance, days: end.saturating_sub(DAYS)..end, visits: 0, events: 0, conversions: 0, orders: 0 }
    }

    /// Writes who only looked around on a day.
    pub fn write_day(
        &mut self,
        day: usize,
        calendar: &Calendar,
        assortment: &Assortment,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        self.orders = 0;
        if !self.days.contains(&day) {
            return Ok(());
        }
        for _ in 0..(calendar.orders_on(day) * VISITS_AN_ORDER).min(MOST.0) {
            let visitor = self.visitor(None);
            let start = calendar.instant(day, second_of_day(&mut self.chance, 0, false));
            self.look_around(&visitor, start, day, assortment, files)?;
        }
        Ok(())
    }

    /// Writes the visit that came to an order of that day.
    pub fn write_order(
        &mut self,
        day: usize,
        order: &Bought<'_>,
        assortment: &Assortment,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        if !self.days.contains(&day) || self.orders == MOST.1 {
            return Ok(());
        }
        self.orders += 1;
        let visitor = self.buyer(order.country);
        let start = order.placed - Duration::minutes(self.chance.between(6, 50));
        if visitor.code.is_some() {
            self.earlier_click(&visitor, start, files)?;
        }
        self.arrive(&visitor, start, &format!("{SHOP}/"), files)?;
        self.fill_cart(&visitor, start, order, files)?;
        if self.chance.permille(120) {
            // Something was put in and taken out again.
            let other = assortment.pick(&mut self.chance, day);
            let page = product_page(other);
            for (seconds, kind) in [(90, "ADD_TO_CART"), (40, "REMOVE_FROM_CART")] {
                let at = order.placed - Duration::seconds(seconds);
                self.tell(&visitor, &Seen { at, kind, page: &page, product: &other.id }, files)?;
            }
        }
        let thanks = format!("{SHOP}/thank-you");
        let thanked = Seen { at: order.placed, kind: "THANK_YOU_VIEW", page: &thanks, product: "" };
        self.tell(&visitor, &thanked, files)?;
        self.convert(&visitor, order, files)
    }

    /// Of those who came by an affiliate's link fewer buy than of the others.
    fn buyer(&mut self, country: &Country) -> Visitor {
        let visitor = self.visitor(Some(audience::country_code(country.name)));
        match visitor.code {
            Some(_) if self.chance.permille(720) => {
                Visitor { code: None, source: "direct", referrer: "", ..visitor }
            }
            _ => visitor,
        }
    }

    /// What was ordered was looked at and put into the cart, one after the other.
    fn fill_cart(
        &mut self,
        visitor: &Visitor,
        start: DateTime<Utc>,
        order: &Bought<'_>,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        let steps = i64::try_from(order.products.len()).unwrap_or(0) + 2;
        for (step, product) in (1..).zip(&order.products) {
            let at = start + Duration::seconds((order.placed - start).num_seconds() * step / steps);
            let page = product_page(product);
            self.see_product(visitor, at, &page, product, files)?;
            let at = at + Duration::seconds(4);
            self.tell(visitor, &Seen { at, kind: "ADD_TO_CART", page: &page, product: &product.id }, files)?;
        }
        Ok(())
    }

    /// Only what somebody was referred to is a conversion. Six in ten name the code; of the others the visit's clicks tell.
    fn convert(&mut self, visitor: &Visitor, order: &Bought<'_>, files: &mut Files) -> Result<(), DemoError> {
        let Some(code) = visitor.code else { return Ok(()) };
        self.conversions += 1;
        let named = if self.chance.permille(600) { code } else { "" };
        // Some were agreed upon.
        let agreed = if self.chance.permille(50) { order.total / 5 } else { 0 };
        let agreed = if agreed > 0 { order.country.amount(agreed) } else { String::new() };
        files.write(
            Entity::Conversions,
            [
                &format!("X-{:06}", self.conversions),
                order.id,
                &instant_text(order.placed),
                named,
                &visitor.session,
                &order.country.amount(order.total),
                &agreed,
                order.country.currency,
            ],
        )
    }

    /// A third had come by another link before, some of them too long ago to count.
    fn earlier_click(
        &mut self,
        visitor: &Visitor,
        start: DateTime<Utc>,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        if !self.chance.permille(330) {
            return Ok(());
        }
        let before = start - Duration::minutes(self.chance.between(60, 45 * 1440));
        let code = audience::another_code(&mut self.chance);
        let earlier = Visitor { code: Some(code), session: visitor.session.clone(), ..*visitor };
        self.arrive(&earlier, before, &format!("{SHOP}/"), files)
    }

    fn look_around(
        &mut self,
        visitor: &Visitor,
        start: DateTime<Utc>,
        day: usize,
        assortment: &Assortment,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        let mut at = start;
        let first = landing(&mut self.chance);
        self.arrive(visitor, at, &first, files)?;
        for _ in 0..self.chance.weighted(PAGES.into_iter()) {
            at += Duration::seconds(self.chance.between(8, 140));
            if self.chance.permille(450) {
                let page = landing(&mut self.chance);
                self.tell(visitor, &Seen { at, kind: "PAGEVIEW", page: &page, product: "" }, files)?;
                continue;
            }
            let product = assortment.pick(&mut self.chance, day);
            let page = product_page(product);
            self.see_product(visitor, at, &page, product, files)?;
            if self.chance.permille(70) {
                let cart = |at, kind| Seen { at, kind, page: &page, product: &product.id };
                self.tell(visitor, &cart(at + Duration::seconds(3), "ADD_TO_CART"), files)?;
                if self.chance.permille(280) {
                    self.tell(visitor, &cart(at + Duration::seconds(7), "REMOVE_FROM_CART"), files)?;
                }
            }
        }
        Ok(())
    }

    /// The click on an affiliate's link, if there was one, and the first page.
    fn arrive(
        &mut self,
        visitor: &Visitor,
        at: DateTime<Utc>,
        page: &str,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        if visitor.code.is_some() {
            self.tell(visitor, &Seen { at, kind: "CLICK", page, product: "" }, files)?;
        }
        let at = at + Duration::seconds(1);
        self.tell(visitor, &Seen { at, kind: "PAGEVIEW", page, product: "" }, files)
    }

    fn see_product(
        &mut self,
        visitor: &Visitor,
        at: DateTime<Utc>,
        page: &str,
        product: &Product,
        files: &mut Files,
    ) -> Result<(), DemoError> {
        for kind in ["PAGEVIEW", "PRODUCT_VIEW"] {
            self.tell(visitor, &Seen { at, kind, page, product: &product.id }, files)?;
        }
        Ok(())
    }

    fn visitor(&mut self, country: Option<&'static str>) -> Visitor {
        self.visits += 1;
        Visitor::draw(&mut self.chance, self.visits, country)
    }

    fn tell(&mut self, visitor: &Visitor, seen: &Seen<'_>, files: &mut Files) -> Result<(), DemoError> {
        self.events += 1;
        let is_click = seen.kind == "CLICK";
        files.write(
            Entity::Events,
            [
                &format!("E-{:08}", self.events),
                &instant_text(seen.at),
                seen.kind,
                &visitor.session,
                visitor.code.filter(|_| is_click).unwrap_or_default(),
                seen.page,
                if is_click { visitor.referrer } else { "" },
                // Only a product's own events name it.
                if seen.kind == "PAGEVIEW" { "" } else { seen.product },
                visitor.device,
                visitor.browser,
                visitor.os,
                visitor.country,
                visitor.source,
            ],
        )
    }
}

fn product_page(product: &Product) -> String {
    format!("{SHOP}/products/{}", product.id.to_lowercase())
}

/// Where visits begin and go on: the more general, the more often.
fn landing(chance: &mut Chance) -> String {
    const PAGES: [(&str, u64); 9] = [
        ("", 300),
        ("home", 120),
        ("kitchen", 110),
        ("office", 80),
        ("outdoor", 70),
        ("electronics", 90),
        ("kids", 60),
        ("sale", 110),
        ("journal", 60),
    ];
    format!("{SHOP}/{}", chance.choose(&PAGES))
}
