//! The application as `serve` runs it and tests build it: every API over one database, with all that surrounds them.

use std::sync::Arc;
use std::thread::available_parallelism;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use playground::Playground;
use sea_orm::{DatabaseConnection, DbBackend};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::auth::jwt::Verifier;
use super::auth::site::Site;
use super::client::{addressed, reached};
use super::metrics::{self, measure};
use super::sign_in::{self, Door};
use super::throttled::throttled;
use super::{Credentials, Ending, Limits, Observed, Readiness, description, router};
use crate::answers::{Answers, Salt};
use crate::clock::Clock;
use crate::config::{PublicUrl, SettingError, Settings};
use crate::discord;
use crate::graphql;
use crate::intake::{Intake, IntakeBounds};
use crate::metrics::rollup::Memory;
use crate::metrics::{Kept, Means, Slow};
use crate::quota::Api;
use crate::reports::Gateway;
use crate::reports::shared::{Sharing, Signer};
use crate::rest::tracking::Tracking;
use crate::rest::{analytics, distribu, heldsway, ingest, share_links, tracking};
use crate::telemetry::Instruments;
use crate::telemetry::timing::{Phase, phase};
use crate::throttle::Throttle;
use crate::tracking::{self as events, BadFile, Tracker};

/// One byte in so many that are kept is for whole answers, the others are for what was read of facts.
const WHOLE: u64 = 4;

/// Everything that answers, over `db`, as `settings` say; `playground` is what its page starts with. Answers that go on end
/// with the server, which waits for those that follow their request, by `ending`. What happens is counted by `instruments`.
pub fn application(
    settings: &Settings,
    db: DatabaseConnection,
    clock: Clock,
    readiness: Readiness,
    playground: Playground,
    ending: Ending,
    instruments: &Instruments,
) -> Result<Router, SettingError> {
    let verifier = Verifier::new(&settings.jwt, clock)?.map(Arc::new);
    if let Some(verifier) = &verifier {
        verifier.keep_fresh();
    } else {
        tracing::warn!("no key to verify JSON Web Tokens with: they are refused, API keys work");
    }
    let turns = turns(settings.database_connections, db.get_database_backend());
    let gateway = Gateway::new(db.clone());
    let whole = settings.kept_bytes / WHOLE;
    let means = Means {
        deadline: settings.request_deadline,
        turns: Arc::new(Semaphore::new(turns)),
        instruments: instruments.clone(),
        slow: Slow::from(settings.log.slow_query),
        kept: Kept::new(settings.kept_bytes - whole, instruments.readings().clone()),
        memory: Memory::new(settings.rollup_bytes),
        ..gateway.means
    };
    measure(instruments, &means);
    let throttle = throttle(settings, instruments)?;
    let tracker = tracker(settings, &db, clock, &ending, &throttle, instruments)?;
    let given = graphql_options(settings)?;
    let options = graphql::Options { stopping: ending.stopping, throttle: throttle.clone(), ..given };
    let executor = Arc::new(graphql::Executor::new(options, instruments));
    let sharing = Arc::new(Sharing {
        signer: Signer::new(&settings.sharing.secrets),
        lifetime: settings.sharing.lifetime,
        public_url: settings.site.public_url.as_ref().map(PublicUrl::origin),
    });
    let bounds = intake_bounds(settings);
    let intake = Intake::new(db.clone(), bounds, ending.tasks.clone());
    let salt = Salt::of(&[&executor.sdl(), &description::text(settings.graphql.get)]);
    let answers = Answers::new(whole, salt, instruments.answers().clone());
    let gateway =
        Gateway { means, clock, queries: Some(executor.clone()), sharing, intake, answers, ..gateway };
    let credentials = Credentials::new(db.clone(), clock, verifier, readiness.clone())
        .with_sessions(Site::new(&settings.site), settings.sessions)
        .counted_by(instruments);
    let door = Door::new(settings, db, clock, credentials.clone(), instruments);
    let gate = Arc::new(credentials.clone());
    let trusted: Arc<[_]> = settings.site.trusted_proxies.clone().into();
    let sharing = share_links::router(gateway.clone()).layer(from_fn_with_state(trusted.clone(), reached));
    let apis = graphql::router(gateway.clone(), gate, executor)
        .merge(throttled(analytics::router(&gateway), &throttle, analytics::api))
        .merge(throttled(distribu::router(&gateway), &throttle, |_| Api::Distribu))
        .merge(throttled(heldsway::router(&gateway), &throttle, |_| Api::Heldsway))
        .merge(throttled(sharing, &throttle, |_| Api::ShareLinks))
        .merge(throttled(ingest::router(gateway.clone()), &throttle, |_| Api::Ingest))
        .merge(sign_in::router(door));
    let discord = timed(discord::router(gateway, discord_options(settings, ending.tasks)?));
    let limits = Limits { body: settings.body_limit, deadline: settings.request_deadline, intake: bounds };
    let tracking =
        timed(tracking::router(Tracking { tracker, clock })).layer(from_fn_with_state(trusted, addressed));
    let pages = playground::router(playground)
        .merge(discord)
        .merge(tracking)
        .merge(description::route(settings.graphql.get))
        .merge(metrics::beside(settings.metrics.as_ref(), instruments));
    let observed = Observed { instruments: instruments.clone(), server_timing: settings.server_timing };
    Ok(router(apis, pages, credentials, readiness, limits, observed))
}

/// How many questions may be read at once over so many connections. The others are for credentials and names, so that who asks
/// little never waits for who asks much. SQLite works in this process: more than one beside each core's would take memory for what
/// they add up, and end no sooner.
fn turns(connections: u32, backend: DbBackend) -> usize {
    let turns = usize::try_from(connections.saturating_sub(2)).unwrap_or(1).max(1);
    match backend {
        DbBackend::Sqlite => turns.min(available_parallelism().map_or(1, usize::from) + 1),
        _ => turns,
    }
}

/// Routes whose handlers' time is told as that of executing.
fn timed(routes: Router) -> Router {
    routes.layer(from_fn(async |request: Request, next: Next| {
        let _phase = phase(Phase::Execute);
        next.run(request).await
    }))
}

/// What requests that bring rows may cost. Each holds a connection, of PostgreSQL's pool: most are left to those who ask.
fn intake_bounds(settings: &Settings) -> IntakeBounds {
    let at_once = usize::try_from(settings.database_connections / 4).unwrap_or(1).max(1);
    IntakeBounds { body: settings.ingest.body_limit, deadline: settings.ingest.deadline, at_once }
}

/// What takes the events of shops' pages, and writes them until the server has ended.
fn tracker(
    settings: &Settings,
    db: &DatabaseConnection,
    clock: Clock,
    ending: &Ending,
    throttle: &Throttle,
    instruments: &Instruments,
) -> Result<Tracker, SettingError> {
    let given = &settings.tracking;
    let options = events::Options {
        room: given.queue,
        countries: given.countries_file.as_ref().map(|file| file.path.as_path()),
        agents: given.agents_file.as_ref().map(|file| file.path.as_path()),
        throttle: throttle.clone(),
        instruments: instruments.clone(),
    };
    let tracker = Tracker::start(db, options, ending.stopping.clone(), &ending.tasks);
    let tracker = tracker.map_err(|bad| {
        let (file, message) = match bad {
            BadFile::Countries(message) => (&given.countries_file, message),
            BadFile::Agents(message) => (&given.agents_file, message),
        };
        let unknown = || SettingError {
            setting: "tracking".to_owned(),
            origin: "the server's own".to_owned(),
            message: message.clone(),
        };
        file.as_ref().map_or_else(unknown, |file| file.wrong(message.clone()))
    })?;
    ending.tasks.spawn(tracker.clone().forget_days(clock, ending.stopping.clone()));
    let (told, room) = (tracker.clone(), given.queue);
    instruments.tell("countinghouse_events_waiting", "Events that wait to be written", move || {
        i64::try_from(room.saturating_sub(told.room())).unwrap_or(i64::MAX)
    });
    Ok(tracker)
}

/// How Discord is answered.
fn discord_options(settings: &Settings, tasks: TaskTracker) -> Result<discord::Options, SettingError> {
    let given = &settings.discord;
    if given.public_key.is_some()
        && (settings.site.public_url.is_none() || settings.sharing.secrets.is_empty())
    {
        tracing::warn!("reports on Discord have no links: that takes public_url and sharing.signing_secret");
    }
    let api = discord::Api::new(&given.api_url).map_err(|message| SettingError {
        setting: "discord.api_url".to_owned(),
        origin: "its address".to_owned(),
        message,
    })?;
    Ok(discord::Options { public_key: given.public_key, api, patience: discord::Options::PATIENCE, tasks })
}

/// What credentials may ask for within a minute, and shops' pages may tell.
fn throttle(settings: &Settings, instruments: &Instruments) -> Result<Throttle, SettingError> {
    let throttle = Throttle::new(settings.limits.quotas.clone(), instruments);
    let Some(url) = &settings.limits.redis_url else { return Ok(throttle) };
    throttle.shared_through(url.reveal()).map_err(|message| SettingError {
        setting: "redis_url".to_owned(),
        origin: "its address".to_owned(),
        message,
    })
}

/// How GraphQL is served.
fn graphql_options(settings: &Settings) -> Result<graphql::Options, SettingError> {
    let given = &settings.graphql;
    let limits = graphql::Limits {
        bytes: given.max_bytes,
        tokens: given.max_tokens,
        values: given.max_values,
        selections: given.max_selections,
        depth: given.max_depth,
        aliases: given.max_aliases,
        root_fields: given.max_root_fields,
        directives: given.max_directives,
        cost: given.max_cost,
        errors: given.max_errors,
        introspects: given.introspection,
        ..graphql::Limits::default()
    };
    let safelist = given.safelist.as_deref().map(graphql::Safelist::read).transpose();
    let safelist = safelist.map_err(|error| SettingError {
        setting: "graphql.safelist".to_owned(),
        origin: "its folder".to_owned(),
        message: error.to_string(),
    })?;
    let sockets = graphql::Sockets {
        origins: given.origins.clone(),
        most_subscriptions: given.max_subscriptions,
        ..graphql::Sockets::default()
    };
    Ok(graphql::Options { limits, safelist, no_get: !given.get, sockets, ..graphql::Options::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Sources;

    #[test]
    fn settings_that_are_not_given_are_the_defaults_of_what_they_set() {
        let settings = Settings::load(&Sources::default()).expect("settings");
        let options = graphql_options(&settings).expect("options");
        // In production the schema is described to nobody.
        assert_eq!(options.limits, graphql::Limits { introspects: false, ..graphql::Limits::default() });
        let sockets = graphql::Sockets::default();
        assert_eq!(options.sockets.most_subscriptions, sockets.most_subscriptions);
        assert_eq!(options.sockets.origins, sockets.origins);
        assert!(options.safelist.is_none() && !options.no_get);
        assert_eq!(intake_bounds(&settings), IntakeBounds::default());
    }
}
