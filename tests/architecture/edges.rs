//! Who may know whom. A new module finds its place here first.

use super::source::{SourceFile, names_after};

/// Plain types that everything speaks; they know each other alone.
const VOCABULARY: [&str; 7] = ["clock", "fault", "money", "period", "principal", "problem", "quota"];

/// Every module above the vocabulary, with what else it may import; lower ones come first.
const LAYERS: [(&str, &[&str]); 33] = [
    ("telemetry", &[]),
    ("database", &[]),
    ("api_keys", &["database"]),
    ("organizations", &["database"]),
    ("dashboards", &["database"]),
    ("ticket", &[]),
    ("downloads", &["database", "ticket"]),
    ("sessions", &["ticket"]),
    ("passwords", &["telemetry"]),
    ("users", &["passwords", "sessions"]),
    ("attempts", &["database", "users"]),
    ("share_links", &["database"]),
    ("guilds", &["database"]),
    ("outward", &[]),
    ("throttle", &["telemetry"]),
    ("config", &["database", "guilds", "sessions"]),
    ("demo", &[]),
    ("metrics", &["database", "organizations", "telemetry"]),
    ("answers", &["metrics", "organizations", "telemetry"]),
    ("ingest", &["database", "organizations", "metrics"]),
    ("intake", &["ingest", "database"]),
    ("tracking", &["ingest", "database", "organizations", "telemetry", "throttle"]),
    ("scalars", &[]),
    ("foresight", &[]),
    ("export", &[]),
    (
        "reports",
        &[
            "answers",
            "metrics",
            "intake",
            "scalars",
            "database",
            "organizations",
            "dashboards",
            "downloads",
            "share_links",
            "export",
            "foresight",
            "telemetry",
            "ticket",
        ],
    ),
    ("pages", &["reports", "export"]),
    (
        "graphql",
        &[
            "reports",
            "answers",
            "metrics",
            "organizations",
            "ingest",
            "intake",
            "dashboards",
            "scalars",
            "telemetry",
            "throttle",
        ],
    ),
    (
        "rest",
        &[
            "reports",
            "answers",
            "pages",
            "metrics",
            "organizations",
            "ingest",
            "intake",
            "tracking",
            "dashboards",
            "export",
            "throttle",
        ],
    ),
    ("discord", &["reports", "pages", "export", "guilds", "organizations", "outward", "database"]),
    (
        "http",
        &[
            "discord",
            "outward",
            "graphql",
            "rest",
            "reports",
            "answers",
            "metrics",
            "intake",
            "tracking",
            "config",
            "database",
            "organizations",
            "api_keys",
            "ticket",
            "sessions",
            "passwords",
            "users",
            "attempts",
            "telemetry",
            "throttle",
        ],
    ),
    (
        "cli",
        &[
            "http",
            "discord",
            "guilds",
            "outward",
            "graphql",
            "rest",
            "reports",
            "metrics",
            "ingest",
            "tracking",
            "demo",
            "config",
            "database",
            "organizations",
            "api_keys",
            "sessions",
            "passwords",
            "users",
            "dashboards",
            "telemetry",
        ],
    ),
    ("main", &["cli"]),
];

/// Crates that only some modules know.
const CRATES: [(&str, &[&str]); 15] = [
    ("axum", &["http", "rest", "graphql", "discord/endpoint"]),
    ("utoipa", &["http", "rest", "problem"]),
    ("utoipa_axum", &["rest"]),
    ("jsonwebtoken", &["http/auth"]),
    ("ed25519_dalek", &["config/discord", "discord/signature"]),
    ("argon2", &["passwords"]),
    ("hmac", &["http/auth/csrf", "reports/shared/token"]),
    ("tokio_rustls", &["outward"]),
    ("redis", &["throttle/shared"]),
    ("prometheus_client", &["telemetry"]),
    ("opentelemetry", &["telemetry", "cli/traces"]),
    ("opentelemetry_otlp", &["cli/traces"]),
    ("sea_orm", HOLDS_THE_DATABASE),
    ("sqlx", HOLDS_THE_DATABASE),
    // It reads in the thread that calls it: nothing else may.
    ("rusqlite", &["metrics/versions/file", "ingest/session/sqlite"]),
];

/// The first ones speak SQL. The last ones only hand the pool on to them.
pub const HOLDS_THE_DATABASE: &[&str] = &[
    "metrics",
    "ingest",
    "intake",
    "tracking",
    "organizations",
    "api_keys",
    "dashboards",
    "downloads",
    "share_links",
    "guilds",
    "sessions",
    "users",
    "attempts",
    "database",
    "http/auth",
    "http/sign_in/door",
    "http/readiness",
    "cli",
    "http/application",
    "reports/desk",
    "reports/changes",
    "reports/exports",
];

/// Imports that point up or sideways.
pub fn broken_by_modules(file: &SourceFile) -> Vec<String> {
    let from = top_of(file);
    if from == "lib" {
        return Vec::new();
    }
    let below: &[&str] = match LAYERS.iter().find(|(name, _)| *name == from) {
        Some((_, below)) => below,
        None if VOCABULARY.contains(&from) => &[],
        None => return vec![format!("{}: `{from}` has no place among the layers", file.path)],
    };
    let allowed = |to: &str| to == from || VOCABULARY.contains(&to) || below.contains(&to);
    imports(file, "crate::")
        .filter(|(_, to)| !allowed(to))
        .map(|(line, to)| format!("{}:{line}: `{from}` may not import `{to}`", file.path))
        .collect()
}

/// Foreign crates in modules that are not to know them.
pub fn broken_by_crates(file: &SourceFile) -> Vec<String> {
    let module = file.module();
    let within = |place: &str| module == place || module.starts_with(&format!("{place}/"));
    let strangers = CRATES.iter().filter(|(_, places)| !places.iter().any(|place| within(place)));
    strangers
        .flat_map(|(name, places)| {
            let line_of = |(line, _): (usize, String)| line;
            let lines = names_after(&file.code(), &format!("{name}::")).into_iter().map(line_of);
            lines.map(move |line| format!("{}:{line}: `{name}` belongs to {}", file.path, places.join(", ")))
        })
        .collect()
}

/// Imports from one API's folder of `rest/` into another's.
pub fn broken_between_apis(file: &SourceFile) -> Vec<String> {
    let Some((api, _)) = file.module().strip_prefix("rest/").and_then(|inside| inside.split_once('/')) else {
        return Vec::new();
    };
    let is_other = |name: &str| name != api && APIS.contains(&name);
    ["crate::rest::", "super::super::"]
        .iter()
        .flat_map(|prefix| imports(file, prefix))
        .filter(|(_, name)| is_other(name))
        .map(|(line, name)| format!("{}:{line}: `{api}` may not import `{name}`", file.path))
        .collect()
}

/// The documented APIs; each has a folder of its own under `rest/`.
const APIS: [&str; 7] = ["momentum", "ecosire", "share_links", "distribu", "heldsway", "ingest", "tracking"];

fn top_of(file: &SourceFile) -> &str {
    file.module().split('/').next().unwrap_or_default()
}

fn imports(file: &SourceFile, prefix: &str) -> impl Iterator<Item = (usize, String)> {
    names_after(&file.code(), prefix).into_iter()
}
