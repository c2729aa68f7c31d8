//! Layers, checks and redaction.

use super::*;

pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Settings of flags, variables and a file.
pub(super) fn load(
    flags: &[(&'static str, &str)],
    variables: &[(&str, &str)],
    file: Option<&str>,
) -> Result<Settings, SettingError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Settings::load(&Sources {
        flags: flags.iter().map(|(key, value)| (*key, (*value).to_owned())).collect(),
        variables: variables.iter().map(owned).collect(),
        file: file.map(|text| read_file("shop.toml".into(), text)).transpose()?,
    })
}

fn refusal(flags: &[(&'static str, &str)], variables: &[(&str, &str)], file: Option<&str>) -> String {
    load(flags, variables, file).expect_err("must be refused").to_string()
}

#[test]
fn defaults_hold_where_nothing_is_said() {
    let settings = load(&[], &[], None).expect("defaults");
    assert_eq!(settings.database_url.reveal(), "sqlite://countinghouse.db");
    assert_eq!(settings.listen, "127.0.0.1:8080");
    assert_eq!(settings.request_deadline, Duration::from_secs(25));
    assert_eq!(settings.body_limit, 2_000_000);
    assert!(settings.jwt.key.is_none());
    assert_eq!(settings.jwt.role_claim, "role");
    assert_eq!(settings.jwt.organization_claim, "OrganizationId");
    assert_eq!(settings.jwt.leeway, Duration::from_mins(1));
    assert_eq!(
        settings.log,
        LogSettings { format: LogFormat::Text, level: None, slow_query: Some(Duration::from_secs(1)) }
    );
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let file =
        "listen = \"0.0.0.0:1\"\ndatabase_connections = 3\n[jwt]\nissuer = \"file\"\nleeway = \"1s\"\n";
    let settings = load(
        &[("listen", "0.0.0.0:3")],
        &[("COUNTINGHOUSE_LISTEN", "0.0.0.0:2"), ("JWT_ISSUER", "environment"), ("JWT_LEEWAY", "")],
        Some(file),
    )
    .expect("settings");
    assert_eq!(settings.listen, "0.0.0.0:3");
    assert_eq!(settings.jwt.issuer, "environment");
    assert_eq!(settings.jwt.leeway, Duration::from_secs(1), "an empty variable counts as absent");
    assert_eq!(settings.database_connections, 3);
}

#[test]
fn a_secret_of_digits_alone_is_a_text_in_every_source() {
    let digits = "1".repeat(SHORTEST_SECRET);
    let settings = load(&[], &[("JWT_SECRET", &digits)], None).expect("settings");
    assert!(matches!(settings.jwt.key, Some(JwtKey::Hs256(secret)) if secret.reveal() == digits));
}

#[test]
fn a_refusal_names_the_setting_its_source_and_what_is_right() {
    assert_eq!(
        refusal(&[("listen", "8080")], &[], None),
        "setting `listen` (--listen): expected HOST:PORT such as 127.0.0.1:8080, not `8080`"
    );
    assert_eq!(
        refusal(&[], &[("JWT_LEEWAY", "1h")], None),
        "setting `jwt.leeway` (JWT_LEEWAY): expected 0s to 5m, not 1h"
    );
    assert_eq!(
        refusal(&[], &[("DATABASE_URL", "mysql://x")], None),
        "setting `database_url` (DATABASE_URL): expected sqlite://FILE or \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    );
    assert_eq!(
        refusal(&[], &[], Some("database_connections = 0")),
        "setting `database_connections` (shop.toml): expected a whole number from 1 to 1000, not `0`"
    );
    assert_eq!(
        refusal(&[], &[], Some("[jwt]\nalgorithm = \"none\"")),
        "setting `jwt.algorithm` (shop.toml): expected HS256, RS256, ES256 or EdDSA, not `none`"
    );
    assert_eq!(
        refusal(&[], &[], Some("a = 1\nb c")),
        "setting `config` (shop.toml): line 2 is not TOML: key with no value, expected `=`"
    );
    assert_eq!(
        refusal(&[], &[], Some("listen = [1]")),
        "setting `listen` (shop.toml): expected a text, a number or true/false"
    );
}

#[test]
fn an_unknown_setting_in_the_file_is_refused() {
    let words = refusal(&[], &[], Some("[jwt]\nisuer = \"x\""));
    assert!(words.starts_with("setting `jwt.isuer` (shop.toml): there is no such setting"), "{words}");
    assert!(words.contains("jwt.issuer"), "{words}");
}

#[test]
fn a_short_secret_is_refused_without_being_shown() {
    let short = &SECRET[..31];
    let words = refusal(&[], &[("JWT_SECRET", short)], None);
    assert!(words.starts_with("setting `jwt.secret` (JWT_SECRET): the secret has 31 bytes"), "{words}");
    assert!(!words.contains(short), "{words}");
    assert!(load(&[], &[("JWT_SECRET", SECRET)], None).is_ok());
}

#[test]
fn an_algorithm_wants_its_own_kind_of_key() {
    let private = "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n";
    let with = |algorithm: &str, key: &str| {
        load(&[], &[("JWT_ALGORITHM", algorithm), ("JWT_PUBLIC_KEY", key), ("JWT_SECRET", "")], None)
            .map(|settings| settings.jwt.key)
            .map_err(|error| error.message)
    };
    assert!(matches!(with("RS256", public), Ok(Some(JwtKey::Rs256(_)))));
    assert!(matches!(with("ES256", public), Ok(Some(JwtKey::Es256(_)))));
    assert!(matches!(with("EdDSA", public), Ok(Some(JwtKey::EdDsa(_)))));
    assert!(with("RS256", private).is_err_and(|words| words.contains("private key")));
    assert!(with("RS256", "secret").is_err_and(|words| words.contains("BEGIN PUBLIC KEY")));
    assert!(with("RS256", "").is_err_and(|words| words.contains("needs a public key")));
    assert!(with("HS256", public).is_err_and(|words| words.contains("of no use to HS256")));
}

#[test]
fn secrets_do_not_show() {
    let settings = load(
        &[],
        &[
            ("JWT_SECRET", SECRET),
            ("DATABASE_URL", "postgres://books:p@ss@db.example:5432/shop?password=other"),
        ],
        None,
    )
    .expect("settings");
    let shown = format!("{settings:?}");
    for hidden in [SECRET, "p@ss", "books", "other"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
    assert_eq!(settings.database_url.to_string(), "postgres://…@db.example:5432/shop");
}

#[test]
fn every_setting_is_documented() {
    let page = include_str!("../../docs/configuration.md");
    for setting in SETTINGS {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{}` |", setting.key)))
            .unwrap_or_else(|| panic!("docs/configuration.md lacks a row for `{}`", setting.key));
        for name in [Some(setting.variable), setting.flag, setting.default].into_iter().flatten() {
            assert!(row.contains(&format!("`{name}`")), "the row of `{}` lacks `{name}`", setting.key);
        }
    }
}
