//! Files into facts: reads dataset folders, and any other files by a mapping, and stores them whole or not at all.
//!
//! A thread reads and checks rows and hands them over in batches; they are staged in temporary tables outside the
//! database's own; then one transaction checks what only the database can tell (references, currencies) and stores
//! everything by a few statements an entity. Nothing depends on the size of the input but time and disk.
//!
//! Knows nothing of reports, nor of who asks.

mod body;
pub mod catalogue;
mod cell;
mod derive;
mod feed;
mod folder;
mod load;
mod mapping;
mod once;
mod problem;
mod progress;
mod reject;
mod row;
mod session;
mod source;
mod stale;
mod statements;
mod store;
mod target;

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};
use tokio::sync::mpsc;

use crate::money::Currency;
use crate::principal::Organization;

pub use crate::metrics::rollup::Topic;
pub use body::{Body, Bytes, Form, Incoming, Packing};
pub use catalogue::Entity;
pub use cell::LONGEST_IDENTIFIER;
pub use once::{Earlier, KEPT_FOR, Once};
pub use problem::{Problem, Report, shortened};
pub use progress::{Progress, Silent, Step};
pub use session::Resting;
pub use stale::mark_written;
pub use target::Target;

use feed::Feed;
use folder::Folder;
use load::{Loaded, Loader, Outcome};
use mapping::Mapping;
use reject::Rejects;
use session::{Inlet, Session};
use source::Meter;
use store::Store;

/// From so many rows on, PostgreSQL's statistics of what was there before are no guide to joins.
const MANY_ROWS: i64 = 1000;

/// Batches between the reader and the database.
const BATCHES_IN_FLIGHT: usize = 4;

/// How to import.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// What the folder's files mean, where they are not a dataset's own: a mapping file.
    pub mapping: Option<PathBuf>,
    /// Leave bad rows out, and write them to this file, instead of refusing everything.
    pub rejected: Option<PathBuf>,
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// The organization's external id.
    pub organization: String,
    /// What came of each entity that was there to import.
    pub entities: Vec<EntitySummary>,
    /// Order lines whose total was rounded to the currency's digits.
    pub rounded_lines: u64,
    /// Rows left out because they were bad.
    pub rejected_rows: u64,
    /// Rows that the mapping left out, by its reasons.
    pub filtered_rows: Vec<FilteredRows>,
}

impl Summary {
    /// Rows that were good, of all entities.
    pub fn rows(&self) -> u64 {
        self.entities.iter().map(|entity| entity.rows).sum()
    }
}

/// What came of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct EntitySummary {
    /// Its name.
    pub entity: &'static str,
    /// Rows that were good.
    pub rows: u64,
    /// Of them, new ones.
    pub inserted: u64,
    /// Of them, known ones that changed.
    pub updated: u64,
    /// Of them, known ones that were just so already.
    pub unchanged: u64,
    /// Of them, those that a later row with the same key replaced.
    pub replaced: u64,
}

/// Rows that a mapping left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct FilteredRows {
    /// The mapping's word for them.
    pub reason: String,
    /// How many.
    pub rows: u64,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The input is wrong.
    #[error("{0}")]
    Refused(Report),
    /// The file for rejected rows cannot be written.
    #[error("{0}")]
    Rejects(String),
    /// An organization of that name is there, and is another.
    #[error("{0}")]
    OtherOrganization(String),
    /// The same was asked before, or something else with the same key.
    #[error("a request with that key came before")]
    Repeated(Earlier),
    /// The organization is not there (any more).
    #[error("there is no organization `{0}`")]
    NoOrganization(String),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// Our mistake.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Imports a dataset folder into `organization`, whole or not at all. Repeating it changes nothing.
pub async fn import_folder(
    db: &DatabaseConnection,
    organization: &Organization,
    folder: &Path,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    import_into(db, Target::Known(organization), folder, options, progress).await
}

/// Imports a dataset folder, and makes its organization in the same transaction where that is new.
pub async fn import_into(
    db: &DatabaseConnection,
    target: Target<'_>,
    folder: &Path,
    options: &ImportOptions,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let feed = match &options.mapping {
        Some(mapping) => Mapping::open(mapping, folder).map(Feed::Mapping),
        None => Folder::open(folder).map(Feed::Folder),
    };
    let feed = Arc::new(feed.map_err(ImportError::Refused)?);
    let rejects = match &options.rejected {
        Some(path) => Some(Rejects::create(path).map_err(|error| {
            ImportError::Rejects(format!("{} cannot be written: {error}", path.display()))
        })?),
        None => None,
    };
    let mut session = Session::open(db, None, None).await?;
    let read = stage(&mut session, &feed, target.currency(), rejects, progress).await?;
    import(session, read, &feed, target, None, progress).await
}

/// Imports the rows of a request into `organization`, whole or not at all, and with `once` at most once. Waits so long for other
/// imports. A connection to SQLite is one that rests, and does so again.
pub async fn import_body(
    db: &DatabaseConnection,
    organization: &Organization,
    body: Body,
    once: Option<&Once>,
    (patience, resting): (Duration, &Arc<Resting>),
) -> Result<Summary, ImportError> {
    let feed = Arc::new(Feed::Body(body));
    let mut session = Session::open(db, Some(resting), Some(patience)).await?;
    // Asked again when it is this import's turn: here only so that nothing is read in vain.
    refuse_repeated(&mut session, organization.id.0, once).await?;
    let read = stage(&mut session, &feed, organization.currency, None, &Silent).await?;
    import(session, read, &feed, Target::Known(organization), once, &Silent).await
}

async fn refuse_repeated(
    session: &mut Session,
    organization: i64,
    once: Option<&Once>,
) -> Result<(), ImportError> {
    let Some(once) = once else { return Ok(()) };
    match once.earlier(session, organization).await? {
        Some(earlier) => Err(ImportError::Repeated(earlier)),
        None => Ok(()),
    }
}

/// Everything that was read.
struct ReadIn {
    loaded: Vec<Loaded>,
    files: Vec<String>,
    outcome: Outcome,
}

/// Reads the files on a thread of their own and stages their rows.
async fn stage(
    session: &mut Session,
    feed: &Arc<Feed>,
    currency: Currency,
    rejects: Option<Rejects>,
    progress: &dyn Progress,
) -> Result<ReadIn, ImportError> {
    session.create_stages(&feed.entities()).await?;
    let (sender, receiver) = mpsc::channel(BATCHES_IN_FLIGHT);
    let (meter, rows) = (Meter::default(), Arc::new(AtomicU64::new(0)));
    let loader = Loader::staging(currency, sender, rejects, Arc::clone(&rows));
    let reader = read_on_a_thread(Arc::clone(feed), loader, meter.clone());
    let of = feed.bytes();
    let told = || {
        let bytes = meter.bytes().min(of);
        progress.at(Step::Reading { bytes, of, rows: rows.load(Ordering::Relaxed) });
    };
    let staged = session.stage(&mut Inlet::new(receiver, &told)).await;
    // Where staging failed the reader hangs up on its own, and the database's word is the one to tell.
    let read = reader.await.map_err(|error| ImportError::Internal(error.to_string()))?;
    staged?;
    read.ok_or_else(|| ImportError::Internal("reading ended before its end".to_owned()))
}

fn read_on_a_thread(
    feed: Arc<Feed>,
    mut loader: Loader,
    meter: Meter,
) -> tokio::task::JoinHandle<Option<ReadIn>> {
    tokio::task::spawn_blocking(move || {
        feed.read(&mut loader, &meter).ok()?;
        let (entities, files, outcome) = loader.finish().ok()?;
        Some(ReadIn { loaded: entities, files, outcome })
    })
}

/// Stores what was staged, or tells why not.
async fn import(
    mut session: Session,
    read: ReadIn,
    feed: &Arc<Feed>,
    target: Target<'_>,
    once: Option<&Once>,
    progress: &dyn Progress,
) -> Result<Summary, ImportError> {
    let ReadIn { loaded, files, mut outcome } = read;
    let entities: Vec<&'static Entity> = loaded.iter().map(|loaded| loaded.entity).collect();
    let skips = outcome.rejects.is_some();
    if outcome.is_broken {
        return Err(ImportError::Refused(outcome.report));
    }
    let is_large = loaded.iter().any(|loaded| loaded.rows >= MANY_ROWS);
    session.begin_storing(&entities, is_large).await?;
    let organization = target.settle(&mut session).await?;
    session.lock(organization).await?;
    refuse_repeated(&mut session, organization, once).await?;
    let mut store =
        Store::open(&mut session, (organization, target.name()), &loaded, &files, skips, progress).await?;
    store.remember(&outcome.refused_ids).await?;
    let mut entities = Vec::new();
    for loaded in &loaded {
        entities.push(store.store(loaded, &mut outcome.report).await?);
    }
    store.finish(&entities).await?;
    let (rounded_lines, refused) = (store.rounded_lines, store.refused);
    if !outcome.report.is_empty() && !skips {
        session.rollback().await?;
        end(session, is_large).await;
        return Err(ImportError::Refused(outcome.report));
    }
    let rejected_rows = loaded.iter().map(|loaded| loaded.rejected).sum::<u64>() + refused.len() as u64;
    if let Some(rejects) = outcome.rejects.take() {
        write_rejects(feed, target.currency(), refused, rejects).await?;
    }
    let filtered = outcome.filtered.into_iter();
    let summary = Summary {
        organization: target.name().to_owned(),
        entities,
        rounded_lines,
        rejected_rows,
        filtered_rows: filtered.map(|(reason, rows)| FilteredRows { reason, rows }).collect(),
    };
    keep(&mut session, organization, &summary, once).await?;
    end(session, is_large).await;
    Ok(summary)
}

/// Makes what was stored last, and with it what is answered.
async fn keep(
    session: &mut Session,
    organization: i64,
    summary: &Summary,
    once: Option<&Once>,
) -> Result<(), ImportError> {
    if let Some(once) = once {
        let answer =
            serde_json::to_string(summary).map_err(|error| ImportError::Internal(error.to_string()))?;
        once.keep(session, organization, &answer).await?;
    }
    session.commit().await?;
    let is_grown = |entity: &&EntitySummary| entity.inserted + entity.updated >= MANY_ROWS.unsigned_abs();
    let grown = summary.entities.iter().filter(is_grown);
    session.refresh_statistics(&grown.map(|entity| entity.entity).collect::<Vec<_>>()).await;
    Ok(())
}

/// Lets the connection of a few rows go back, where opening one would be much of what they cost. Another is closed with all the
/// memory that it has.
async fn end(session: Session, is_large: bool) {
    if !is_large {
        session.release().await;
    }
}

/// Rows that storing refused are looked for in their files once more, to be written as they stand there.
async fn write_rejects(
    feed: &Arc<Feed>,
    currency: Currency,
    refused: HashMap<(usize, i64), Vec<Problem>>,
    rejects: Rejects,
) -> Result<(), ImportError> {
    let rejects = if refused.is_empty() {
        rejects
    } else {
        let loader = Loader::finding(currency, refused, rejects);
        let read = read_on_a_thread(Arc::clone(feed), loader, Meter::default()).await;
        let found = read.ok().flatten().and_then(|read| read.outcome.rejects);
        found.ok_or_else(|| ImportError::Internal("the files changed while they were read".to_owned()))?
    };
    rejects.finish().map(drop).map_err(ImportError::Rejects)
}

/// Codes of currencies, sorted and parted by commas.
fn codes(currencies: &BTreeSet<Currency>) -> String {
    let mut codes: Vec<&str> = currencies.iter().map(|currency| currency.code()).collect();
    codes.sort_unstable();
    codes.join(",")
}
