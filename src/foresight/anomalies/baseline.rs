//! What is to be expected of each day, and how far off it was; all on square roots, but for what is handed back.
//!
//! Of a steady trend the level lags behind by ten days' worth, which the errors that the score is measured in hold as well.

use super::robust::{Window, mean, median, midmean, scale};
use super::{LEAST_PERIODS, NORMAL_AFTER, Question, Sort, WEEK};

/// Periods that say what a weekday is like, and how large errors are.
pub(super) const MEMORY: usize = 8;

/// The least standard deviation, as a share of what is usual: what is less than a tenth off is never told.
const LEAST_SHARE: f64 = 0.03;

/// The standard deviation of the root of a count that chance alone makes, whatever its mean.
const OF_COUNTS: f64 = 0.5;

/// Added to counts before their root is taken, so that this holds of small ones (Anscombe 1948): none of four expected is
/// no news.
const SHIFT_OF_COUNTS: f64 = 0.375;

/// Days that are also judged together, so that bad days are found none of which is bad enough.
pub(super) const RUN: usize = 3;

/// The same.
const LENGTH_OF_RUN: f64 = 3.0;

/// Within such a run, the day itself must be this far off.
const PART_OF_RUN: f64 = 1.5;

/// The score from which a day stands out.
pub(super) const OUTSTANDING: f64 = 3.0;

/// Days back to the same day of the year before: by weekday, by date, and to a feast on a weekday of its month.
const YEAR_BEFORE: [usize; 4] = [364, 365, 366, 371];

/// What the days before a day say of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// What was to be expected, in the unit of the series; not negative where the series never was.
    pub expected: f64,
    /// How far off it is, in robust standard deviations, above positive: that of `alone`, or of the last three days
    /// together if that is more.
    pub score: f64,
    /// How far off the day itself is.
    pub alone: f64,
}

impl Verdict {
    /// Whether the day stands out together with the two before it, rather than by itself.
    pub(super) fn is_of_run(&self) -> bool {
        self.score.abs() > self.alone.abs()
    }
}

/// A verdict for every day of `values`, whatever `from`; none for a day without a figure, and for one with too little
/// before it: [`LEAST_PERIODS`] since the first value other than zero, and figures on at least half of those days.
pub fn verdicts(question: &Question<'_>) -> Vec<Option<Verdict>> {
    let period = question.period.max(2);
    let start = question.values.iter().position(|value| value.is_finite() && *value != 0.0);
    let start = start.unwrap_or(question.values.len());
    let mut verdicts = vec![None; question.values.len()];
    let values = &question.values[start..];
    if values.len() > period * LEAST_PERIODS {
        let mut baseline = Baseline::of(values, period, question.sort);
        for (day, verdict) in verdicts[start..].iter_mut().enumerate().skip(period * LEAST_PERIODS) {
            *verdict = baseline.judge(day);
        }
    }
    verdicts
}

/// The series, and what has been learned up to a day.
struct Baseline {
    period: usize,
    sort: Sort,
    /// What is added before a root is taken, and the least standard deviation of the roots.
    shift: f64,
    chance: f64,
    /// Whether the days before were all zero or more.
    never_negative: bool,
    /// The roots of the values.
    roots: Vec<f64>,
    /// How far each day was above the middle of its own period.
    off_period: Vec<f64>,
    /// What was expected of each root, and by how much it was more.
    expected: Vec<f64>,
    errors: Vec<f64>,
    /// The score of each day, whatever the year before was like.
    plain: Vec<f64>,
    level: Window,
    sizes: Window,
    deviations: Window,
    run_deviations: Window,
    scratch: Vec<f64>,
}

impl Baseline {
    /// Learns from the periods that are not judged.
    fn of(values: &[f64], period: usize, sort: Sort) -> Self {
        let counts = sort == Sort::Count;
        let (days, least) = (values.len(), period * LEAST_PERIODS);
        let shift = if counts { SHIFT_OF_COUNTS } else { 0.0 };
        let window = |periods: usize| Window::new(period * periods);
        let mut baseline = Self {
            period,
            sort,
            shift,
            chance: if counts { OF_COUNTS } else { 0.0 },
            never_negative: values[..least].iter().all(|value| !value.is_finite() || *value >= 0.0),
            roots: values.iter().map(|value| root(*value, shift)).collect(),
            off_period: vec![f64::NAN; days],
            expected: vec![f64::NAN; days],
            errors: vec![f64::NAN; days],
            plain: vec![f64::NAN; days],
            level: window(NORMAL_AFTER),
            sizes: window(MEMORY),
            deviations: window(MEMORY),
            run_deviations: window(MEMORY),
            scratch: Vec::new(),
        };
        baseline.learn(least);
        baseline
    }

    /// The first days are measured by the other days among them: what a weekday is like, by its other three.
    fn learn(&mut self, least: usize) {
        for day in 0..least {
            self.off_period[day] = self.roots[day] - self.middle(day, least);
        }
        let mut all = Window::new(least);
        let patterns: Vec<f64> = (0..least).map(|day| self.pattern_of_others(day, least)).collect();
        for (root, pattern) in self.roots[..least].iter().zip(&patterns) {
            all.push(root - pattern);
            self.level.push(root - pattern);
        }
        let level = midmean(all.sorted());
        for (day, pattern) in patterns.iter().enumerate() {
            self.note(day, level + pattern);
        }
    }

    /// The verdict on a day; days are judged in order, each once.
    fn judge(&mut self, day: usize) -> Option<Verdict> {
        // Seven days ago is the newest whose own period is over for every weekday.
        let known = day - self.period;
        if known >= self.period * LEAST_PERIODS {
            self.off_period[known] = self.roots[known] - self.middle(known, day);
        }
        let pattern = self.pattern(day);
        let level = self.level.sorted();
        let level = if level.len() >= self.period { midmean(level) } else { f64::NAN };
        let mut expected = level + pattern;
        if self.never_negative && expected < 0.0 {
            expected = 0.0;
        }
        let scales = self.scales(expected);
        self.level.push(self.roots[day] - pattern);
        self.note(day, expected);
        self.never_negative &= self.roots[day].is_nan() || self.roots[day] >= 0.0;
        let verdict = self.score(day, scales?);
        Some(verdict).filter(|verdict| verdict.expected.is_finite() && verdict.score.is_finite())
    }

    /// Keeps what was expected of a day, and its error.
    fn note(&mut self, day: usize, expected: f64) {
        self.expected[day] = expected;
        self.errors[day] = self.roots[day] - expected;
        self.sizes.push(self.roots[day].abs());
        self.deviations.push(self.errors[day].abs());
        self.run_deviations.push(self.run_error(day).abs());
    }

    /// The mean error of the run that ends with a day; not a number where one is missing.
    fn run_error(&self, day: usize) -> f64 {
        match (day + 1).checked_sub(RUN) {
            Some(first) => self.errors[first..=day].iter().sum::<f64>() / LENGTH_OF_RUN,
            None => f64::NAN,
        }
    }

    /// The middle of the period around a day, of days before `end`: each weekday is in it once.
    fn middle(&mut self, day: usize, end: usize) -> f64 {
        let first = day.saturating_sub(self.period / 2).min(end - self.period);
        self.scratch.clear();
        self.scratch.extend_from_slice(&self.roots[first..first + self.period]);
        self.middle_of_scratch(self.period / 2 + 1)
    }

    /// How far the weekday of a day has been above the middle of its period.
    fn pattern(&mut self, day: usize) -> f64 {
        self.scratch.clear();
        let before = (1..=MEMORY).map_while(|periods| day.checked_sub(periods * self.period));
        self.scratch.extend(before.map(|same| self.off_period[same]));
        self.middle_of_scratch(LEAST_PERIODS)
    }

    /// The same for one of the first days, from the others of them.
    fn pattern_of_others(&mut self, day: usize, least: usize) -> f64 {
        self.scratch.clear();
        let same = (day % self.period..least).step_by(self.period).filter(|other| *other != day);
        self.scratch.extend(same.map(|other| self.off_period[other]));
        self.middle_of_scratch(2)
    }

    /// The middle of what is finite in the scratch, if that is at least so many.
    fn middle_of_scratch(&mut self, least: usize) -> f64 {
        self.scratch.retain(|value| value.is_finite());
        self.scratch.sort_unstable_by(f64::total_cmp);
        if self.scratch.len() < least { f64::NAN } else { midmean(&self.scratch) }
    }

    /// The standard deviations of a root of which so much is expected, and of the mean of a run of them; none where too
    /// little is known of errors.
    fn scales(&self, expected: f64) -> Option<(f64, f64)> {
        let (errors, sizes) = (self.deviations.sorted(), self.sizes.sorted());
        if errors.len() < self.period * LEAST_PERIODS / 2 {
            return None;
        }
        let usual = median(sizes);
        // The root of what is a share more is half that share more.
        let least = usual.max(expected.abs()) * LEAST_SHARE / 2.0;
        let sparse = if usual > 0.0 { 0.0 } else { self.sparse() };
        let of_day = scale(errors).max(least).max(self.chance).max(sparse);
        let of_run = scale(self.run_deviations.sorted()).max(of_day / LENGTH_OF_RUN.sqrt());
        (of_day > 0.0).then_some((of_day, of_run))
    }

    /// Where at most half of the days have anything: as much as such a day has, and so much that only what is more than
    /// all of them stands out.
    fn sparse(&self) -> f64 {
        let sizes = self.sizes.sorted();
        let some = &sizes[sizes.partition_point(|size| *size <= 0.0)..];
        some.last().map_or(0.0, |largest| median(some).max(largest / OUTSTANDING))
    }

    /// Scores a day whose error is noted.
    fn score(&mut self, day: usize, (of_day, of_run): (f64, f64)) -> Verdict {
        let alone = self.distance(day, of_day);
        let together = self.run_error(day) / of_run;
        let joins = alone.abs() > PART_OF_RUN && together * alone > 0.0 && together.abs() > alone.abs();
        let score = if joins { together } else { alone };
        self.plain[day] = score;
        let (expected, score, alone) = match self.year_before(day, of_day) {
            Some((expected, score)) => (expected, score, score),
            None => (self.expected[day], score, alone),
        };
        Verdict { expected: square(expected, self.shift), score, alone }
    }

    /// How far off a day is by itself. Quotients vary as if they were made of so many things as make them vary so much; of
    /// those few may well be none, see [`SHIFT_OF_COUNTS`].
    fn distance(&self, day: usize, of_day: f64) -> f64 {
        let (root, expected) = (self.roots[day], self.expected[day]);
        if self.sort != Sort::Quotient || !(0.0..expected).contains(&root) {
            return self.errors[day] / of_day;
        }
        let shift = SHIFT_OF_COUNTS * (of_day / OF_COUNTS).powi(2);
        (root.mul_add(root, shift).sqrt() - expected.mul_add(expected, shift).sqrt()) / of_day
    }

    /// A day that stands out as its like a year before did is compared with that: Black Friday is news once. What is
    /// expected then, and the score, where that is nearer. A day that is too low still stands out, if as little as any: the
    /// shop may be closed on a feast, but may as well have broken down twice.
    fn year_before(&self, day: usize, scale: f64) -> Option<(f64, f64)> {
        let (score, expected) = (self.plain[day], self.expected[day]);
        if self.period != WEEK || score.abs() < OUTSTANDING {
            return None;
        }
        let before = YEAR_BEFORE.iter().filter_map(|days| day.checked_sub(*days));
        let like =
            before.filter(|same| self.plain[*same].abs() >= OUTSTANDING && self.plain[*same] * score > 0.0);
        let compared = like.map(|same| {
            let grown = expected / self.expected[same];
            let grown = if grown.is_finite() && grown > 0.0 { grown } else { 1.0 };
            let expected = expected + self.errors[same] * grown;
            (expected, (self.roots[day] - expected) / scale)
        });
        let nearest = compared.min_by(|one, other| one.1.abs().total_cmp(&other.1.abs()));
        let nearest = nearest.filter(|(_, compared)| compared.abs() < score.abs())?;
        Some(if score < 0.0 { (expected, -OUTSTANDING) } else { nearest })
    }
}

/// A value on the scale where chance is as large everywhere: the root of its size, with its sign; of what is not finite,
/// not a number. Roots of small counts are evened out by `shift`, see [`SHIFT_OF_COUNTS`].
fn root(value: f64, shift: f64) -> f64 {
    let root = (value.abs() + shift).sqrt() - shift.sqrt();
    if value.is_finite() { root.copysign(value) } else { f64::NAN }
}

/// The value that has this root.
fn square(root: f64, shift: f64) -> f64 {
    root * (root.abs() + 2.0 * shift.sqrt())
}

/// The plain mean of the `length` days before a day.
pub(super) fn average_before(values: &[f64], day: usize, length: usize) -> f64 {
    mean(values[day.saturating_sub(length)..day].iter().copied())
}
