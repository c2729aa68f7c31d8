//! Writing blocks.

use super::{HEAD, IS_KNOWN_IN_PART, IS_OF_RUNS, LONG_RUN, RISES};

/// Writes blocks.
#[derive(Debug)]
pub struct Writer {
    rows: usize,
    columns: u32,
    bytes: Vec<u8>,
}

impl Writer {
    /// A block of so many rows.
    pub fn new(rows: usize) -> Self {
        Self { rows, columns: 0, bytes: Vec::new() }
    }

    /// Adds a column of numbers, one a row.
    pub fn numbers(&mut self, numbers: impl Iterator<Item = Option<i64>>) {
        self.decimals(&numbers.collect::<Vec<_>>(), 0);
    }

    /// Adds a column of numbers of which so many digits are behind the point.
    pub fn decimals(&mut self, numbers: &[Option<i64>], digits: u8) {
        let mut bytes = Vec::new();
        write_numbers(numbers, digits, &mut bytes);
        self.column(&bytes);
    }

    /// Adds a column of texts, one a row.
    pub fn texts<'a>(&mut self, texts: impl Iterator<Item = Option<&'a str>>) {
        let texts: Vec<Option<&str>> = texts.collect();
        let runs: Vec<&[Option<&str>]> = texts.chunk_by(|one, next| one == next).collect();
        let mut words: Vec<&str> = runs.iter().filter_map(|run| run[0]).collect();
        words.sort_unstable();
        words.dedup();
        let place = |text: &str| words.binary_search(&text).ok().and_then(|place| i64::try_from(place).ok());
        let mut places: Vec<Option<i64>> = Vec::with_capacity(texts.len());
        for run in runs {
            places.extend(std::iter::repeat_n(run[0].and_then(place), run.len()));
        }
        let mut bytes = length(words.len()).to_vec();
        for word in &words {
            bytes.extend(length(word.len()));
            bytes.extend(word.as_bytes());
        }
        write_numbers(&places, 0, &mut bytes);
        self.column(&bytes);
    }

    fn column(&mut self, bytes: &[u8]) {
        self.columns += 1;
        self.bytes.extend(length(bytes.len()));
        self.bytes.extend(bytes);
    }

    /// The block.
    pub fn finish(self) -> Vec<u8> {
        let mut block = length(self.rows).to_vec();
        block.extend(self.columns.to_le_bytes());
        block.extend(self.bytes);
        block
    }
}

/// Blocks are far below four gigabytes: a day or a month of one shop.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}

fn write_numbers(numbers: &[Option<i64>], digits: u8, bytes: &mut Vec<u8>) {
    let turns = numbers.windows(2).filter(|both| both[0] != both[1]).count();
    if (turns + 1) * LONG_RUN > numbers.len() {
        return write_each(numbers, (0, digits), bytes);
    }
    let runs: Vec<&[Option<i64>]> = numbers.chunk_by(|one, next| one == next).collect();
    let of_runs: Vec<Option<i64>> = runs.iter().filter_map(|run| run.first().copied()).collect();
    let mut each = Vec::new();
    write_each(&of_runs, (IS_OF_RUNS, digits), &mut each);
    bytes.extend(&each[..HEAD]);
    bytes.extend(length(runs.len()));
    for run in &runs {
        bytes.extend(length(run.len()));
    }
    bytes.extend(&each[HEAD..]);
}

fn write_each(numbers: &[Option<i64>], (flags, digits): (u8, u8), bytes: &mut Vec<u8>) {
    let is_whole = numbers.iter().all(Option::is_some);
    let mut known = numbers.iter().flatten().copied();
    // None come first where there are any.
    let rises = numbers.is_sorted();
    let base = if rises { known.next() } else { known.min() }.unwrap_or(0);
    let mut before = base;
    let more: Vec<u64> = numbers
        .iter()
        .map(|number| {
            let number = number.unwrap_or(base);
            let than = if rises { std::mem::replace(&mut before, number) } else { base };
            number.wrapping_sub(than).cast_unsigned()
        })
        .collect();
    let most = more.iter().max().copied().unwrap_or(0);
    let width = (64 - most.leading_zeros()).div_ceil(8) as usize;
    bytes.push(flags | if is_whole { 0 } else { IS_KNOWN_IN_PART } | if rises { RISES } else { 0 });
    bytes.push(u8::try_from(width).unwrap_or(8));
    bytes.push(digits);
    bytes.extend(base.to_le_bytes());
    if !is_whole {
        for eight in numbers.chunks(8) {
            let bit = |(place, number): (usize, &Option<i64>)| u8::from(number.is_some()) << place;
            bytes.push(eight.iter().enumerate().map(bit).sum());
        }
    }
    bytes.reserve(more.len() * width);
    for more in more {
        bytes.extend(&more.to_le_bytes()[..width]);
    }
}
