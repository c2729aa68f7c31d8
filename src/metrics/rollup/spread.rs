//! Percentiles, from blocks that tell each value apart: of each group its values are gathered, and the two around the place
//! that is asked for are found.

use super::FastMap;
use super::cover::Place;
use super::groups::asked;
use super::memory::Found;
use super::read::Way;
use super::route::{Key, Part, Route};
use super::rows;
use super::totals::{LiveRow, Total};
use super::words::{Small, Words};
use crate::fault::Fault;
use crate::metrics::plan::Pass;
use crate::metrics::sum::{PARTS, Sum};

/// Gathers values of blocks and facts, and tells their percentiles.
pub fn add_up(
    (way, pass): (&Way<'_>, &Pass),
    blocks: &Found,
    live: Vec<LiveRow>,
) -> Result<Vec<Total>, Fault> {
    let mut gathered = Gathered { route: &way.route, pass, groups: FastMap::default() };
    for piece in &way.cover.pieces {
        if let (Place::In(bucket), Some(bytes)) = (piece.rows, blocks.get(&way.route.block(*piece))) {
            gathered.block(bucket, bytes)?;
        }
    }
    for row in live {
        if let (Some(values), [Some(value)]) = (gathered.group(row.bucket, &row.keys), row.values.as_slice())
        {
            values.push(*value);
        }
    }
    Ok(gathered.finish())
}

struct Gathered<'a> {
    route: &'a Route<'a>,
    pass: &'a Pass,
    groups: FastMap<(usize, Vec<Key>), Vec<i64>>,
}

impl Gathered<'_> {
    /// The values of the group that facts with these keys belong to; none where they are not asked for.
    fn group(&mut self, bucket: usize, held: &[Key]) -> Option<&mut Vec<i64>> {
        let keys = asked((self.route, self.pass), held)?;
        Some(self.groups.entry((bucket, keys)).or_default())
    }

    fn block(&mut self, bucket: usize, bytes: &[u8]) -> Result<(), Fault> {
        let kind = self.route.kind;
        let (mut words, mut found) = (Words::default(), rows::Rows::default());
        rows::read(kind, bytes, &mut words, &mut found)?;
        let by = kind.dimensions.len();
        // Rows are in the order of keys: each group's values stand together.
        let stretches = found.heads.chunk_by(|one, next| one.keys[..by] == next.keys[..by]);
        let mut row = 0;
        for stretch in stretches {
            let held: Vec<Key> = stretch[0].keys[..by].iter().map(|key| words.key(*key)).collect();
            let counts = &found.values[row..row + stretch.len()];
            row += stretch.len();
            let Some(values) = self.group(bucket, &held) else { continue };
            for (head, count) in stretch.iter().zip(counts) {
                let Small::Number(value) = head.keys[by] else { continue };
                let count = usize::try_from(count.unwrap_or(0)).unwrap_or(0);
                values.extend(std::iter::repeat_n(value, count));
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<Total> {
        let route = self.route;
        let told = self.groups.into_iter().filter(|(_, values)| !values.is_empty());
        let told = told.map(|((bucket, keys), mut values)| {
            let told = route.parts.iter().map(|part| match *part {
                Part::Percentile(percent) => Some(Sum::of_parts(PARTS * percentile(&mut values, percent))),
                _ => None,
            });
            let told = told.collect();
            Total { bucket, keys, values: told }
        });
        told.collect()
    }
}

/// The value below which so many percent of them lie, a hundredfold: between two of them in proportion. Of one at least.
///
/// The place of percent `p` among `n` values, counted from 0, is `(n − 1) × p ÷ 100`.
fn percentile(values: &mut [i64], percent: u8) -> i128 {
    let place = (values.len() - 1) * usize::from(percent);
    let (place, above) = (place / 100, place % 100);
    let (_, low, higher) = values.select_nth_unstable(place);
    let low = *low;
    let high = higher.iter().min().copied().unwrap_or(low);
    let above = i128::try_from(above).unwrap_or(0);
    i128::from(low) * (100 - above) + i128::from(high) * above
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_lie_between_two_values_in_proportion() {
        assert_eq!(percentile(&mut [7], 90), 700);
        assert_eq!(percentile(&mut [3, 1, 2], 50), 200);
        assert_eq!(percentile(&mut [4, 1, 2, 3], 50), 250);
        assert_eq!(percentile(&mut [10, 20, 0], 90), 1800);
        assert_eq!(percentile(&mut [-5, -5, -5, 5], 0), -500);
        assert_eq!(percentile(&mut [-5, -5, -5, 5], 100), 500);
    }
}
