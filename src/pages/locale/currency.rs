//! What stands for a currency beside an amount.

use crate::money::Currency;

/// Symbols that are the currency's own in English: Unicode's CLDR gives no other currency a symbol there.
const SYMBOLS: [(&str, &str); 21] = [
    ("AUD", "A$"),
    ("BRL", "R$"),
    ("CAD", "CA$"),
    ("CNY", "CN¥"),
    ("EUR", "€"),
    ("GBP", "£"),
    ("HKD", "HK$"),
    ("ILS", "₪"),
    ("INR", "₹"),
    ("JPY", "¥"),
    ("KRW", "₩"),
    ("MXN", "MX$"),
    ("NZD", "NZ$"),
    ("PHP", "₱"),
    ("TWD", "NT$"),
    ("USD", "$"),
    ("VND", "₫"),
    ("XAF", "FCFA"),
    ("XCD", "EC$"),
    ("XOF", "F\u{202f}CFA"),
    ("XPF", "CFPF"),
];

/// The currency's symbol, or its code where it has none of its own.
pub fn symbol(currency: Currency) -> &'static str {
    let code = currency.code();
    SYMBOLS.iter().find(|(of, _)| *of == code).map_or(code, |(_, symbol)| symbol)
}
