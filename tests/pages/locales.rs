//! Numbers as readers of many languages write them: an oracle that knows them all is asked, the `Intl` that browsers have.

use std::path::Path;

use countinghouse::money::Money;
use countinghouse::pages::Locale;
use serde_json::json;

use crate::support::node::script;

/// Languages that browsers are set to, and regions that write differently.
const TAGS: &str = "af am ar ar-AE ar-DZ ar-EG ar-MA ar-SA ar-TN as az be bg bn bn-IN bs ca cs cy da de de-AT de-BE de-CH de-DE \
    de-LI de-LU el en en-AT en-AU en-BE en-CA en-CH en-DE en-DK en-FI en-GB en-HK en-IE en-IN en-NG en-NL en-NZ en-PH en-SE \
    en-SG en-SI en-US en-ZA es es-419 es-AR es-BO es-CL es-CO es-CR es-DO es-EC es-ES es-GT es-HN es-MX es-NI es-PA es-PE \
    es-SV es-US es-UY es-VE et eu fa fi fil fo fr fr-BE fr-CA fr-CH fr-FR fr-LU fr-MA ga gd gl gu ha he hi hr hu hy id ig \
    is it it-CH it-IT ja jv ka kk km kn ko ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nl-BE nn no or pa pl pt pt-AO \
    pt-BR pt-PT rm ro ru sd si sk sl so sq sr sr-Latn sv sw ta te tg th tk tr tt uk ur uz vi yo yue zh zh-CN zh-HK \
    zh-Hant-TW zh-TW zu";

#[test]
fn numbers_are_written_as_browsers_write_them() {
    let minor_units = [0, 5, 99_999, 100_000, 123_456, 1_234_567_89, -4_215_000];
    let told: Vec<_> = TAGS
        .split_whitespace()
        .map(|tag| {
            let locale = Locale::negotiate(tag);
            assert_eq!(locale.tag().to_lowercase(), tag.to_lowercase());
            let numbers = minor_units.map(|minor| {
                let amount = |code: &str| Money { minor, currency: code.parse().expect("a currency") };
                let (euro, franc) = (amount("EUR"), amount("CHF"));
                let number = euro.to_string();
                json!({
                    "value": number,
                    "number": locale.number(&number),
                    "percent": locale.percent(&number),
                    "EUR": locale.money(euro),
                    "CHF": locale.money(franc),
                })
            });
            json!({ "tag": locale.tag(), "numbers": numbers })
        })
        .collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("locales.json");
    std::fs::write(&file, json!(told).to_string()).expect("it writes");
    let words = script("locales.mjs", &[file.to_str().expect("text")]);
    assert_eq!(words.trim(), format!("{} languages write alike", told.len()));
}
