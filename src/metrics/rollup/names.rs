//! What a statement would have looked up beside facts: ids of keys, keys of ids, and what else is known of things.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::QueryResult;
use sea_orm::sea_query::SelectStatement;

use super::is_number;
use super::memory::{Attribute, Ids};
use super::read::Told;
use super::route::Key;
use super::totals::Total;
use super::view::{Unanswered, View};
use crate::fault::Fault;
use crate::metrics::catalogue::{Dimension, Source};
use crate::metrics::plan::Pass;
use crate::metrics::query::Filter;
use crate::metrics::sql;
use crate::principal::OrganizationId;

/// Keys whose ids are looked up one by one, and kept; for more of them the table is read.
const MANY: usize = 5000;

/// Looks things up, each once.
pub struct Lookups<'a, 'b> {
    /// Where.
    pub view: &'a mut View<'b>,
}

impl<'a, 'b> Lookups<'a, 'b> {
    /// Of an organization's things.
    pub fn new(view: &'a mut View<'b>) -> Self {
        Self { view }
    }

    fn organization(&self) -> OrganizationId {
        self.view.organization().id
    }

    /// What `dimension` is of the things that `base` points to.
    pub async fn attribute(
        &mut self,
        base: Dimension,
        dimension: Dimension,
        source: Source,
    ) -> Result<Attribute, Unanswered> {
        let column = dimension.column(source);
        let select = column.and_then(|column| sql::attributes(self.organization(), base, column));
        let select = select.ok_or_else(|| Fault::Internal(format!("{} is not known", dimension.name())))?;
        let memory = self.view.memory;
        let take = |row: &QueryResult, known: &mut HashMap<i64, Key>| {
            let value = if is_number(dimension) {
                row.try_get_by_index::<Option<i64>>(1)?.map(Key::Number)
            } else {
                row.try_get_by_index::<Option<String>>(1)?.map(|text| Key::Text(text.into()))
            };
            if let Some(value) = value {
                known.insert(row.try_get_by_index(0)?, value);
            }
            Ok(())
        };
        memory.attribute(self.view, (base, dimension, source), &select, take).await
    }

    /// The values of a filter as tables hold them; nothing where one of them is no value of the dimension.
    pub async fn held(&mut self, filter: &Filter) -> Result<Option<Vec<Key>>, Unanswered> {
        let mut held: Vec<Key> = Vec::new();
        if filter.values.contains(&None) {
            held.push(Key::None);
        }
        let told: Vec<&str> = filter.values.iter().flatten().map(String::as_str).collect();
        if let Some(select) = sql::keys(self.organization(), filter.dimension, &told) {
            self.pairs(&select, |key, _| held.push(Key::Number(key))).await?;
            return Ok(Some(held));
        }
        for text in told {
            let key = match filter.dimension.codes() {
                Some(codes) => {
                    codes.iter().find(|(name, _)| *name == text).map(|(_, code)| Key::Number(*code))
                }
                None if filter.dimension.is_of_clock() => text.parse().ok().map(Key::Number),
                None => Some(Key::Text(text.into())),
            };
            let Some(key) = key else { return Ok(None) };
            held.push(key);
        }
        Ok(Some(held))
    }

    /// Rows as a statement would tell them; `buckets` are the keys of the pass's buckets.
    pub async fn tell(
        &mut self,
        pass: &Pass,
        buckets: &[i64],
        totals: Vec<Total>,
    ) -> Result<Vec<Told>, Unanswered> {
        let mut ids: Vec<Option<Ids>> = Vec::new();
        for (slot, dimension) in pass.dimensions.iter().enumerate() {
            ids.push(self.ids(*dimension, &totals, slot).await?);
        }
        let told = |slot: usize, key: &Key| match (key, &ids[slot]) {
            (Key::None, _) => None,
            (Key::Number(number), Some(ids)) => ids.get(number).cloned(),
            (Key::Number(number), None) => Some(number.to_string()),
            (Key::Text(text), _) => Some(text.to_string()),
        };
        let rows = totals.into_iter().map(|total| Told {
            bucket: pass.has_buckets().then(|| buckets[total.bucket]),
            keys: total.keys.iter().enumerate().map(|(slot, key)| told(slot, key)).collect(),
            values: total.values,
        });
        Ok(rows.collect())
    }

    /// The ids of a dimension's keys, where it points to things.
    async fn ids(
        &mut self,
        dimension: Dimension,
        totals: &[Total],
        slot: usize,
    ) -> Result<Option<Ids>, Unanswered> {
        let number = |total: &Total| match total.keys[slot] {
            Key::Number(number) => Some(number),
            _ => None,
        };
        let keys: HashSet<i64> = totals.iter().filter_map(number).collect();
        let memory = self.view.memory;
        let mut kept = memory.ids(self.view, dimension);
        let mut missing: Vec<i64> = keys.iter().copied().filter(|key| !kept.contains_key(key)).collect();
        if missing.is_empty() {
            return Ok(Some(kept));
        }
        if kept.len() + missing.len() > MANY {
            (kept, missing) = (Ids::default(), keys.into_iter().collect());
        }
        let wanted = (missing.len() <= MANY).then_some(missing.as_slice());
        let Some(select) = sql::ids(self.organization(), dimension, wanted) else { return Ok(None) };
        let mut ids = HashMap::clone(&kept);
        self.pairs(&select, |key, id| drop(ids.insert(key, id))).await?;
        let ids = Arc::new(ids);
        if wanted.is_some() {
            memory.keep_ids(self.view, dimension, &ids);
        }
        Ok(Some(ids))
    }

    async fn pairs(
        &mut self,
        select: &SelectStatement,
        mut take: impl FnMut(i64, String) + Send,
    ) -> Result<(), Unanswered> {
        self.view
            .read_lasting(select, |row: &QueryResult| {
                take(row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                Ok(())
            })
            .await
    }
}
