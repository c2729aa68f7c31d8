//! Blocks that are in memory: the database is asked for their stamps alone.
//!
//! A block is known by what is in it, so that one that is in memory is never an old one: its stamp is read in the snapshot in
//! which all else is read.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use moka::sync::Cache;
use sea_orm::QueryResult;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sha2::{Digest, Sha256};

use super::Level;
use crate::fault::Fault;
use crate::metrics::statement::Snapshot;
use crate::principal::OrganizationId;

/// Which block of an organization: kind, level and first day.
pub type Place = (i16, i16, i64);
/// Blocks as they are written.
pub type Found = HashMap<Place, Arc<[u8]>>;

/// What is kept where nobody says otherwise: a year of a shop with a million customers takes a third of it.
const BYTES: u64 = 64_000_000;
/// A block and its stamp.
type Stamped = (i64, Arc<[u8]>);

/// Memory that a block takes besides its bytes.
const EACH: usize = 128;

/// What is kept in memory of blocks, of all organizations.
#[derive(Clone)]
pub struct Blocks(Cache<(OrganizationId, Place), Stamped>);

impl Blocks {
    /// None yet, and never more than so many bytes, by rough count.
    pub fn new(bytes: u64) -> Self {
        let weight = |_: &_, (_, block): &Stamped| u32::try_from(block.len() + EACH).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(bytes).weigher(weight).build())
    }

    /// Those of `wanted` that there are.
    pub async fn read(
        &self,
        snapshot: &mut Snapshot,
        organization: OrganizationId,
        wanted: &BTreeSet<Place>,
    ) -> Result<Found, Fault> {
        let mut known = HashMap::new();
        for place in wanted {
            if let Some(block) = self.0.get(&(organization, *place)) {
                known.insert(*place, block);
            }
        }
        let (mut found, mut changed) = (Found::with_capacity(wanted.len()), BTreeSet::new());
        for (place, stamp, block) in
            rows(snapshot, organization, wanted, |place| !known.contains_key(place)).await?
        {
            match (block, known.remove(&place)) {
                (Some(block), _) => drop(found.insert(place, self.keep(organization, place, stamp, block))),
                (None, Some((same, block))) if same == stamp => drop(found.insert(place, block)),
                (None, _) => drop(changed.insert(place)),
            }
        }
        for (place, stamp, block) in rows(snapshot, organization, &changed, |_| true).await? {
            if let Some(block) = block {
                found.insert(place, self.keep(organization, place, stamp, block));
            }
        }
        Ok(found)
    }

    fn keep(&self, organization: OrganizationId, place: Place, stamp: i64, block: Vec<u8>) -> Arc<[u8]> {
        let block: Arc<[u8]> = block.into();
        self.0.insert((organization, place), (stamp, Arc::clone(&block)));
        block
    }
}

impl Default for Blocks {
    fn default() -> Self {
        Self::new(BYTES)
    }
}

impl fmt::Debug for Blocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocks").field("bytes", &self.0.weighted_size()).finish()
    }
}

/// What tells blocks apart by what is in them.
pub fn stamp(block: &[u8]) -> i64 {
    Sha256::digest(block).iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
}

/// The stamps of those of `wanted` that there are, and the blocks of those that are to be read whole: by one statement.
async fn rows(
    snapshot: &mut Snapshot,
    organization: OrganizationId,
    wanted: &BTreeSet<Place>,
    is_whole: impl Fn(&Place) -> bool,
) -> Result<Vec<(Place, i64, Option<Vec<u8>>)>, Fault> {
    let mut runs: BTreeMap<(bool, i16, i16), Vec<i64>> = BTreeMap::new();
    for place in wanted {
        let (kind, level, day) = *place;
        // Blocks come first: PostgreSQL takes the type of a column from there.
        runs.entry((!is_whole(place), kind, level)).or_default().push(day);
    }
    // A gap of few days is read with what is around it; a longer one parts a run.
    let each = runs.iter().flat_map(|((is_stamp, kind, level), days)| {
        let gap = if *level == Level::Day as i16 { 4 } else { 120 };
        days.chunk_by(move |one, next| next - one <= gap).map(move |days| (*is_stamp, *kind, *level, days))
    });
    let mut all: Option<SelectStatement> = None;
    for (is_stamp, kind, level, days) in each {
        let mut select = Query::select();
        select.columns(["kind", "level", "day", "stamp"]).from("rollups");
        select.expr(if is_stamp { Expr::cust("NULL") } else { Expr::col("block") });
        let equal = [("organization_id", organization.0), ("kind", kind.into()), ("level", level.into())];
        for (column, value) in equal {
            select.and_where(Expr::col(column).eq(value));
        }
        let (first, last) = (days[0], days[days.len() - 1]);
        select.and_where(Expr::col("day").between(first, last));
        all = Some(match all {
            None => select,
            Some(mut all) => all.union(UnionType::All, select).take(),
        });
    }
    let mut rows = Vec::with_capacity(wanted.len());
    let Some(all) = all else { return Ok(rows) };
    snapshot
        .read(&all, |row: &QueryResult| {
            let place = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            if wanted.contains(&place) {
                rows.push((place, row.try_get_by_index(3)?, row.try_get_by_index(4)?));
            }
            Ok(())
        })
        .await?;
    Ok(rows)
}
