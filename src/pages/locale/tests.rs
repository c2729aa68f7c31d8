//! How numbers are written; `tests/pages/locales.rs` compares every language with what browsers do.

use super::{Locale, styles};
use crate::money::{Currency, Money};

fn locale(header: &str) -> Locale {
    Locale::negotiate(header)
}

fn money(minor: i64, code: &str) -> Money {
    Money { minor, currency: code.parse::<Currency>().expect("a currency") }
}

#[test]
fn the_first_known_language_is_taken() {
    for (header, tag) in [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de-AT"),
        ("en;q=0.1, FR-ca ; q=0.9", "fr-CA"),
        ("fr;q=0.5,es;q=0.500,it;q=0.5", "fr"),
        ("de;q=0,en-GB", "en-GB"),
        ("tlh,xx,sv", "sv"),
        ("zh-Hant-TW", "zh-hant-TW"),
        ("sr-Latn-RS;q=1.000", "sr-latn-RS"),
        ("es-419", "es-419"),
        ("*", "en"),
        ("de;q=2,de;q=1.1,de;q=-1,de;q=NaN,de;q=0.1234,nl;q=0.123", "nl"),
        ("de-x-private", "de"),
        ("\u{0};;;q=,,\"><script>", "en"),
        ("deu-DE", "en"),
    ] {
        assert_eq!(locale(header).tag(), tag, "{header}");
    }
    let endless = "x,".repeat(100_000) + "de";
    assert_eq!(locale(&endless).tag(), "en");
}

#[test]
fn numbers_are_written_from_their_digits() {
    for (tag, number, text) in [
        ("en", "1234567.891", "1,234,567.891"),
        ("en", "-0.05", "-0.05"),
        ("en", "999", "999"),
        ("de", "1234.5", "1.234,5"),
        ("fr", "-1234567", "-1\u{202f}234\u{202f}567"),
        ("sv", "-12345.6", "−12\u{a0}345,6"),
        ("de-CH", "1234567.5", "1’234’567.5"),
        ("en-IN", "123456789.5", "12,34,56,789.5"),
        ("hi", "1234", "1,234"),
        ("es", "1234.5", "1234,5"),
        ("es", "12345.5", "12.345,5"),
        ("es-MX", "1234.5", "1,234.5"),
        // Far beyond what a float holds.
        ("en", "92233720368547758.08", "92,233,720,368,547,758.08"),
    ] {
        assert_eq!(locale(tag).number(number), text, "{tag}");
    }
}

#[test]
fn amounts_carry_their_currency_and_its_digits() {
    for (tag, amount, text) in [
        ("en", money(123_450, "EUR"), "€1,234.50"),
        ("en", money(-5, "USD"), "-$0.05"),
        ("en", money(123_450, "CHF"), "CHF\u{a0}1,234.50"),
        ("en", money(1_234, "JPY"), "¥1,234"),
        ("en", money(1_234_567, "KWD"), "KWD\u{a0}1,234.567"),
        ("de", money(123_450, "EUR"), "1.234,50\u{a0}€"),
        ("de-AT", money(-123_450, "EUR"), "-€\u{a0}1\u{a0}234,50"),
        ("pt-BR", money(123_450, "BRL"), "R$\u{a0}1.234,50"),
        (
            "fr",
            money(i64::MIN, "CAD"),
            "-92\u{202f}233\u{202f}720\u{202f}368\u{202f}547\u{202f}758,08\u{a0}CA$",
        ),
    ] {
        assert_eq!(locale(tag).money(amount), text, "{tag}");
    }
}

#[test]
fn percentages_stand_as_the_language_puts_them() {
    for (tag, text) in [
        ("en", "-12.5%"),
        ("de", "-12,5\u{a0}%"),
        ("tr", "-%12,5"),
        ("eu", "−%\u{a0}12,5"),
        ("nb", "−12,5\u{a0}%"),
    ] {
        assert_eq!(locale(tag).percent("-12.5"), text, "{tag}");
    }
}

#[test]
fn every_tag_is_listed_once() {
    let mut tags: Vec<&str> = styles::tags().collect();
    let listed = tags.len();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), listed);
    assert!(listed > 120, "{listed}");
}
