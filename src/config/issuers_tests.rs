//! The tables of `[[jwt.issuers]]`: what they may say, and how what they may not is refused.

use super::tests::{SECRET, load};
use super::*;

const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n";

/// A table of these lines, below a good name and audience.
fn table(lines: &str) -> String {
    format!("[[jwt.issuers]]\nissuer = \"login\"\naudience = \"books\"\n{lines}\n")
}

fn issuer(lines: &str) -> Result<IssuerSettings, String> {
    load(&[], &[], Some(&table(lines)))
        .map(|settings| settings.jwt.issuers.into_iter().next().expect("one"))
        .map_err(|error| error.to_string())
}

fn refusal(lines: &str) -> String {
    issuer(lines).expect_err("must be refused")
}

#[test]
fn a_table_needs_little_and_may_say_all() {
    let least =
        issuer("jwks_url = \"https://login.example/jwks\"\nalgorithms = [\"RS256\"]").expect("settings");
    assert_eq!((least.issuer.as_str(), least.audience.as_str()), ("login", "books"));
    assert_eq!((least.role_claim.as_str(), least.organization_claim.as_str()), ("role", "OrganizationId"));
    assert_eq!((least.leeway, least.setting.as_str()), (Duration::from_mins(1), "jwt.issuers[0]"));
    let IssuerKeys::Jwks(JwksSettings { place, algorithms, max_age }) = least.keys else { panic!() };
    assert_eq!((algorithms, max_age), (vec![PublicAlgorithm::Rs256], Duration::from_hours(24)));
    let JwksPlace::Url { url, refresh, authorities } = place else { panic!() };
    assert_eq!((url.to_string().as_str(), refresh), ("https://login.example/jwks", Duration::from_mins(10)));
    assert_eq!(authorities, None);

    let most = issuer(
        "jwks_url = \"http://10.0.0.1/jwks\"\njwks_allow_http = true\njwks_refresh = \"1h\"\njwks_max_age = \"2h\"\n\
         algorithms = [\"EdDSA\", \"ES256\"]\norganization_claim = \"org\"\nrole_claim = \"roles\"\nleeway = \"0s\"",
    )
    .expect("settings");
    assert_eq!((most.role_claim.as_str(), most.organization_claim.as_str()), ("roles", "org"));
    assert_eq!(most.leeway, Duration::ZERO);
    let IssuerKeys::Jwks(JwksSettings { place, algorithms, max_age }) = most.keys else { panic!() };
    assert_eq!(algorithms, [PublicAlgorithm::Es256, PublicAlgorithm::EdDsa]);
    assert_eq!(max_age, Duration::from_hours(2));
    assert!(matches!(place, JwksPlace::Url { refresh, .. } if refresh == Duration::from_hours(1)));

    let secret = issuer(&format!("secret = \"{SECRET}\"")).expect("settings");
    assert!(matches!(secret.keys, IssuerKeys::One(JwtKey::Hs256(secret)) if secret.reveal() == SECRET));
    let key =
        issuer(&format!("public_key = \"\"\"{PUBLIC}\"\"\"\nalgorithms = [\"ES256\"]")).expect("settings");
    assert!(matches!(key.keys, IssuerKeys::One(JwtKey::Es256(pem)) if pem == PUBLIC));
    let file = issuer("jwks_file = \"keys.json\"\nalgorithms = [\"ES256\"]").expect("settings");
    assert!(matches!(file.keys, IssuerKeys::Jwks(JwksSettings { place: JwksPlace::File(_), .. })));
}

#[test]
fn the_plain_settings_are_one_more_issuer() {
    let file = table("secret = \"another secret, and as long as it must be\"");
    let trusted = |variables: &[(&str, &str)]| -> Vec<(String, String)> {
        let settings = load(&[], variables, Some(&file)).expect("settings");
        settings.jwt.trusted().into_iter().map(|issuer| (issuer.setting, issuer.issuer)).collect()
    };
    let pair = |setting: &str, issuer: &str| (setting.to_owned(), issuer.to_owned());
    let table = pair("jwt.issuers[0]", "login");
    assert_eq!(trusted(&[("JWT_SECRET", SECRET)]), [pair("jwt", "countinghouse"), table.clone()]);
    for nobody in [vec![], vec![("JWT_ISSUER", "login")]] {
        assert_eq!(trusted(&nobody), std::slice::from_ref(&table), "a name that has no key is nobody's");
    }
}

#[test]
fn an_issuer_is_trusted_once() {
    let one = table(&format!("secret = \"{SECRET}\""));
    let twice = load(&[], &[], Some(&format!("{one}{one}"))).expect_err("refused").to_string();
    let words = "this issuer is configured already; a token's `iss` picks one";
    assert_eq!(twice, format!("setting `jwt.issuers[1].issuer` (shop.toml): {words}"));
    let variables = [("JWT_SECRET", SECRET), ("JWT_ISSUER", "login")];
    let taken = load(&[], &variables, Some(&one)).expect_err("refused").to_string();
    assert_eq!(taken, format!("setting `jwt.issuers[0].issuer` (shop.toml): {words}"));
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    let of = |key: &str, words: &str| format!("setting `jwt.issuers[0]{key}` (shop.toml): {words}");
    let sources = "give one of secret, public_key, public_key_file, jwks_file, jwks_url, not";
    assert_eq!(refusal(""), of("", &format!("{sources} 0")));
    assert_eq!(
        refusal("jwks_file = \"a\"\njwks_url = \"https://a.example/\"\nalgorithms = [\"RS256\"]"),
        of("", &format!("{sources} 2"))
    );
    let url = |line: &str| refusal(&format!("jwks_url = \"https://a.example/\"\n{line}"));
    let algorithms = of(".algorithms", "expected a list of names among RS256, ES256, EdDSA");
    for line in [
        "",
        "algorithms = []",
        "algorithms = \"RS256\"",
        "algorithms = [\"RS256\", \"HS256\"]",
        "algorithms = [\"none\"]",
        "algorithms = [\"rs256\"]",
        "algorithms = [256]",
    ] {
        assert_eq!(url(line), algorithms, "{line}");
    }
    let secret = |line: &str| refusal(&format!("secret = \"{SECRET}\"\n{line}"));
    assert_eq!(secret("algorithms = [\"RS256\"]"), of(".algorithms", "expected a list of names among HS256"));
    for key in
        ["jwks_refresh = \"1h\"", "jwks_max_age = \"1h\"", "jwks_allow_http = true", "jwks_ca_file = \"a\""]
    {
        let name = key.split_once(' ').expect("a key").0;
        assert_eq!(secret(key), of(&format!(".{name}"), "it means nothing beside `secret`"));
    }
    let key = format!("public_key = \"\"\"{PUBLIC}\"\"\"\n");
    assert_eq!(refusal(&key), algorithms);
    assert_eq!(
        refusal(&format!("{key}algorithms = [\"RS256\", \"ES256\"]")),
        of(".algorithms", "one key has one algorithm; name that one")
    );
    let known = "algorithms = [\"RS256\"]\n";
    assert_eq!(
        url(&format!("{known}jwks_refresh = \"5s\"")),
        of(".jwks_refresh", "expected 1m to 24h, not 5s")
    );
    assert_eq!(url(&format!("{known}leeway = \"1h\"")), of(".leeway", "expected 0s to 5m, not 1h"));
    assert_eq!(url(&format!("{known}leeway = 5")), of(".leeway", "expected a text that is not empty"));
    assert_eq!(
        url(&format!("{known}jwks_allow_http = \"yes\"")),
        of(".jwks_allow_http", "expected true or false")
    );
    assert!(
        url(&format!("{known}isuer = \"x\""))
            .starts_with(&of(".isuer", "there is no such setting; there are"))
    );
    let words = load(&[], &[], Some("[jwt]\nissuers = [1]")).expect_err("refused").to_string();
    assert_eq!(words, "setting `jwt.issuers` (shop.toml): expected tables: [[jwt.issuers]]");
    let words = load(&[], &[], Some("[jwt.issuers]\nissuer = \"a\"")).expect_err("refused").to_string();
    assert_eq!(words, "setting `jwt.issuers` (shop.toml): expected tables: [[jwt.issuers]]");
    let nameless = "[[jwt.issuers]]\naudience = \"a\"\nsecret = \"b\"";
    let words = load(&[], &[], Some(nameless)).expect_err("refused").to_string();
    assert_eq!(words, of(".issuer", "it is needed and not set"));
}

#[test]
fn an_address_is_https_or_does_not_leave_the_machine() {
    let of = |url: &str| JwksUrl::parse(url, false).map(|url| url.to_string());
    for good in [
        "https://login.example/keys",
        "https://login.example:8443/",
        "http://localhost:9000/keys",
        "http://127.0.0.1/keys",
        "http://127.9.9.9/keys",
        "http://[::1]:80/keys",
    ] {
        assert!(of(good).is_ok(), "{good}: {:?}", of(good));
    }
    for bad in [
        "",
        "login.example/keys",
        "/keys",
        "file:///etc/passwd",
        "ftp://login.example/",
        "http://login.example/keys",
        "http://localhost.example/keys",
        "http://10.0.0.1/keys",
        "http://[::2]/keys",
        "http://0.0.0.0/keys",
        "https://user@login.example/keys",
        "https://user:password@login.example/keys",
        "https://login.example/keys#fragment",
        "https://",
    ] {
        assert!(of(bad).is_err(), "{bad}");
    }
    assert!(JwksUrl::parse("http://10.0.0.1/keys", true).is_ok());
    assert!(JwksUrl::parse("ftp://10.0.0.1/keys", true).is_err());
    assert_eq!(of("https://login.example/keys?key=secret").as_deref(), Ok("https://login.example/keys"));
}

#[test]
fn secrets_of_tables_do_not_show() {
    let good = table(&format!("secret = \"{SECRET}\""));
    let shown = format!("{:?}", load(&[], &[], Some(&good)).expect("settings"));
    assert!(!shown.contains(SECRET), "{shown}");
    for (lines, hidden) in [
        ("secret = \"too short\"", "too short"),
        ("secret = 12345678901234567", "12345678901234567"),
        ("secret = [\"in a list, and long enough to be one\"]", "in a list"),
        ("public_key = \"-----BEGIN PRIVATE KEY----- hidden\"\nalgorithms = [\"RS256\"]", "hidden"),
    ] {
        let words = refusal(lines);
        assert!(!words.contains(hidden), "{words}");
    }
}

#[test]
fn every_key_of_a_table_is_documented() {
    let page = include_str!("../../docs/configuration.md");
    for key in issuers::KEYS {
        assert!(page.contains(&format!("\n| `{key}` |")), "docs/configuration.md lacks a row for `{key}`");
    }
}
