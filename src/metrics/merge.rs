//! Passes put together before they are read, and readings put together afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use crate::metrics::answer::{Group, Reading, Value};
use crate::metrics::plan::Pass;

/// A pass as far as rollups do not tell it.
pub struct Rest {
    /// Which pass.
    pub place: usize,
    /// Its measures that are left, by their places among them.
    pub slots: Vec<usize>,
    /// What is left to read.
    pub pass: Pass,
}

/// What some of a pass's measures came to.
pub struct Part {
    /// Which, by their places among the pass's.
    pub slots: Vec<usize>,
    /// Of all of the pass's measures, the others without values; or of these alone.
    pub reading: Arc<Reading>,
}

/// A pass's reading, of its parts.
pub fn whole(pass: &Pass, mut parts: Vec<Part>) -> Arc<Reading> {
    if parts.len() == 1
        && let Some(part) = parts.pop()
    {
        return part.reading;
    }
    let mut rows: HashMap<Group, Vec<Value>> = HashMap::new();
    for Part { slots, reading } in parts {
        let is_of_all = reading.measures.len() == pass.measures.len();
        for (group, values) in &reading.rows {
            let row = rows.entry(group.clone()).or_insert_with(|| vec![None; pass.measures.len()]);
            for (place, slot) in slots.iter().enumerate() {
                row[*slot].clone_from(&values[if is_of_all { *slot } else { place }]);
            }
        }
    }
    Arc::new(Reading { reach: pass.reach, measures: pass.measures.clone(), rows: rows.into_iter().collect() })
}

/// Passes that differ in measures alone are read together; says where each one's reading stands.
pub fn merge(passes: &[Pass]) -> (Vec<Pass>, Vec<usize>) {
    let mut merged: Vec<Pass> = Vec::new();
    let mut places = Vec::with_capacity(passes.len());
    for pass in passes {
        if let Some(place) = merged.iter().position(|other| can_join(other, pass)) {
            let known = &mut merged[place];
            known.convert_to = known.convert_to.or(pass.convert_to);
            known.measures.extend(&pass.measures);
            known.measures.sort_unstable();
            known.measures.dedup();
            places.push(place);
        } else {
            places.push(merged.len());
            merged.push(pass.clone());
        }
    }
    (merged, places)
}

/// Whether two passes group the same facts alike, and tell amounts, if both have any, in the same currency.
///
/// A list that the database cuts is left alone: it is ordered by one measure over just the rows that were asked for.
fn can_join(a: &Pass, b: &Pass) -> bool {
    let one_currency = a.convert_to == b.convert_to || !a.has_amounts() || !b.has_amounts();
    let same = Pass { measures: b.measures.clone(), convert_to: b.convert_to, ..a.clone() };
    b.top.is_none() && one_currency && same == *b
}
