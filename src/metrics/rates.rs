//! Exchange rates: what one unit of a currency is worth in another on a UTC day, exactly.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::exchange_rate::{self, Column};
use sea_orm::sea_query::{Expr, Func, Query, SelectStatement};
use sea_orm::{Condition, ConnectionTrait, ExprTrait, QueryResult};

use crate::fault::Fault;
use crate::metrics::catalogue::Instant;
use crate::metrics::plan::{Pass, Reach};
use crate::metrics::sum::{PARTS, Worth};
use crate::metrics::time::{date_of, day_number};
use crate::money::{Currency, Exact};
use crate::principal::OrganizationId;

/// The rates of one organization that hold within some days.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    quotes: HashMap<(Currency, Currency), BTreeMap<i64, Quote>>,
}

/// What one unit is worth: as a whole number of parts where that is exact, which most quotes are.
#[derive(Clone, Debug)]
enum Quote {
    Parts(i128),
    Exact(Exact),
}

impl Quote {
    /// A positive number, read.
    fn read(text: &str) -> Option<Self> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let is_plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let digits = u32::try_from(decimals.len()).ok().filter(|digits| *digits <= DIGITS);
        if let Some(digits) = digits.filter(|_| is_plain(whole) && is_plain(decimals) && whole.len() < 15) {
            let number: i128 = format!("{whole}{decimals}").parse().ok()?;
            return Some(Self::Parts(number * 10_i128.pow(DIGITS - digits))).filter(|_| number > 0);
        }
        Exact::parse(text).filter(Exact::is_positive).map(Self::Exact)
    }

    fn exact(&self) -> Exact {
        match self {
            Self::Parts(parts) => {
                Exact::from(*parts).divided_by(&Exact::from(PARTS)).unwrap_or_else(|| Exact::whole(0))
            }
            Self::Exact(exact) => exact.clone(),
        }
    }
}

/// Digits that a whole number of parts has behind its point.
const DIGITS: u32 = PARTS.ilog10();

impl Rates {
    /// Reads the rates that hold from `first` to `last`: those quoted within, and of each pair the newest before.
    pub async fn load(
        db: &impl ConnectionTrait,
        organization: OrganizationId,
        days: (i64, i64),
    ) -> Result<Self, Fault> {
        let mut rates = Self::default();
        for row in db.query_all(&Self::statement(organization, days)).await? {
            rates.take(&row)?;
        }
        Ok(rates)
    }

    /// What reads them: a row a pair, of days and rates in turn, parted by blanks. To hand over a row takes longer than to read
    /// a hundred days' rates.
    pub fn statement(organization: OrganizationId, (first, last): (i64, i64)) -> SelectStatement {
        let own = || Expr::col(Column::OrganizationId).eq(organization.0);
        let pair = [Column::FromCurrency, Column::ToCurrency];
        let newest_before = Query::select()
            .columns(pair)
            .expr(Expr::col(Column::Day).max())
            .from(exchange_rate::Entity)
            .and_where(own())
            .and_where(Expr::col(Column::Day).lt(first))
            .group_by_columns(pair)
            .take();
        let quote = [Column::FromCurrency, Column::ToCurrency, Column::Day].map(Expr::col);
        let holds = Condition::any()
            .add(Expr::col(Column::Day).gte(first))
            .add(Expr::tuple(quote).in_subquery(newest_before));
        let day = Expr::col(Column::Day).cast_as("text");
        let each = Func::cust("concat_ws").args([Expr::cust("' '"), day, Expr::col(Column::Rate)]);
        Query::select()
            .columns(pair)
            .expr(Func::cust("string_agg").args([each.into(), Expr::cust("' '")]))
            .from(exchange_rate::Entity)
            .and_where(own())
            .and_where(Expr::col(Column::Day).lte(last))
            .cond_where(holds)
            .group_by_columns(pair)
            .take()
    }

    /// Adds a row of it.
    pub fn take(&mut self, row: &QueryResult) -> Result<(), Fault> {
        let (from, to): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let each: String = row.try_get_by_index(2)?;
        let broken = || Fault::Internal(format!("exchange rates from {from} to {to} cannot be read"));
        let pair = (from.parse().map_err(|_| broken())?, to.parse().map_err(|_| broken())?);
        let quotes = self.quotes.entry(pair).or_default();
        let mut words = each.split(' ');
        while let Some(day) = words.next() {
            let quote = words.next().and_then(Quote::read).ok_or_else(broken)?;
            quotes.insert(day.parse().map_err(|_| broken())?, quote);
        }
        Ok(())
    }

    /// How many quotes there are.
    pub fn len(&self) -> usize {
        self.quotes.values().map(BTreeMap::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.quotes.is_empty()
    }

    /// Adds a quote: on `day`, 1 `from` = `rate` `to`.
    pub fn quote(&mut self, from: Currency, to: Currency, day: i64, rate: Exact) {
        self.quotes.entry((from, to)).or_default().insert(day, Quote::Exact(rate));
    }

    /// What 1 `from` was worth on `day`: the newest quote on or before it, else the inverse of the reverse pair's, else
    /// through one common currency (the first by code that has both).
    pub fn rate(&self, from: Currency, to: Currency, day: i64) -> Result<Exact, Fault> {
        if let Some(rate) = self.one_step(from, to, day) {
            return Ok(rate);
        }
        let commons: BTreeSet<Currency> = self.quotes.keys().flat_map(|(a, b)| [*a, *b]).collect();
        commons
            .into_iter()
            .find_map(|common| {
                let first = self.one_step(from, common, day)?;
                Some(&first * &self.one_step(common, to, day)?)
            })
            .ok_or_else(|| Fault::MissingRate { from, to, day: date_of(day).unwrap_or_default() })
    }

    fn one_step(&self, from: Currency, to: Currency, day: i64) -> Option<Exact> {
        if from == to {
            return Some(Exact::whole(1));
        }
        let reverse = || Exact::whole(1).divided_by(&self.newest((to, from), day)?.exact());
        self.newest((from, to), day).map(Quote::exact).or_else(reverse)
    }

    /// The newest quote of a pair on a day or before it.
    fn newest(&self, pair: (Currency, Currency), day: i64) -> Option<&Quote> {
        self.quotes.get(&pair)?.range(..=day).next_back().map(|(_, quote)| quote)
    }

    /// What a minor unit of `from` was worth on `day` in minor units of `to`, and a major one in major ones.
    pub fn worths(&self, from: Currency, to: Currency, day: i64) -> [Worth; 2] {
        if let Some(Quote::Parts(parts)) = self.newest((from, to), day).filter(|_| from != to) {
            let (of_one, of_other) = (to.units_per_major(), from.units_per_major());
            let minor = parts.checked_mul(of_one.into()).filter(|minor| minor % i128::from(of_other) == 0);
            if let Some(minor) = minor {
                return [Worth::Parts(minor / i128::from(of_other)), Worth::Parts(*parts)];
            }
        }
        [Worth::of(self.convert(1, from, to, day)), Worth::of(self.rate(from, to, day))]
    }

    /// Minor units of `from` on `day`, as exact minor units of `to`.
    pub fn convert(&self, minor: i64, from: Currency, to: Currency, day: i64) -> Result<Exact, Fault> {
        let major = &Exact::whole(minor) * &self.rate(from, to, day)?;
        let scaled = &major * &Exact::whole(to.units_per_major());
        scaled
            .divided_by(&Exact::whole(from.units_per_major()))
            .ok_or_else(|| Fault::Internal("a currency without units".to_owned()))
    }
}

/// The first and the last UTC day whose rates facts of a pass may need.
pub fn days_of_worth(pass: &Pass) -> (i64, i64) {
    let is_worth_elsewhen = pass.source.is_worth_elsewhen();
    let first = match pass.reach {
        Reach::Within if !is_worth_elsewhen => day_number(pass.period.start().date_naive()),
        _ => i64::MIN,
    };
    let last = day_number(pass.period.last().date_naive());
    // What was entered for a deal may lie before the deal itself, and east of Greenwich the period's last midnight may be that
    // of the next UTC day.
    let last = match pass.source.facts().at {
        _ if is_worth_elsewhen => i64::MAX,
        Instant::Day(_) => last + 1,
        _ => last,
    };
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    fn exact(text: &str) -> Exact {
        Exact::parse(text).expect("a number")
    }

    #[test]
    fn the_newest_rate_on_or_before_the_day_holds() {
        let (eur, usd) = (currency("EUR"), currency("USD"));
        let mut rates = Rates::default();
        rates.quote(usd, eur, 10, exact("0.9"));
        rates.quote(usd, eur, 20, exact("0.8"));
        assert_eq!(rates.rate(usd, eur, 10), Ok(exact("0.9")));
        assert_eq!(rates.rate(usd, eur, 19), Ok(exact("0.9")));
        assert_eq!(rates.rate(usd, eur, 99), Ok(exact("0.8")));
        assert_eq!(
            rates.rate(usd, eur, 9),
            Err(Fault::MissingRate { from: usd, to: eur, day: "1970-01-10".parse().expect("a date") })
        );
    }

    #[test]
    fn a_reverse_quote_is_inverted_exactly_and_a_third_currency_bridges() {
        let (eur, usd, jpy) = (currency("EUR"), currency("USD"), currency("JPY"));
        let mut rates = Rates::default();
        rates.quote(eur, usd, 0, exact("1.2"));
        rates.quote(eur, jpy, 0, exact("150"));
        // 1 USD = 1 / 1.2 EUR: three of them are two and a half euros, not 2.4999…
        assert_eq!(rates.convert(300, usd, eur, 5), Ok(exact("250")));
        // 1.20 USD = 1 EUR = 150 JPY, which has no minor units.
        assert_eq!(rates.convert(120, usd, jpy, 5), Ok(exact("150")));
        assert_eq!(rates.convert(150, jpy, usd, 5), Ok(exact("120")));
        assert_eq!(rates.convert(7, usd, usd, 5), Ok(exact("7")));
    }
}
