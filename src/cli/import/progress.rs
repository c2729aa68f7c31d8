//! How far an import is: a bar on a terminal, else plain lines, on standard error.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::told::per_second;
use crate::cli::note;
use crate::ingest::{Progress, Step};

/// Plain lines are this far apart.
const BETWEEN_LINES: Duration = Duration::from_secs(5);

/// Shows how far it is.
pub enum Shown {
    /// A bar.
    Bar(ProgressBar),
    /// Lines: when the phase began, and when the last line was written.
    Lines(Mutex<Lines>),
}

/// What lines need to know.
pub struct Lines {
    is_storing: bool,
    begun: Instant,
    told: Instant,
}

impl Shown {
    /// As standard error wants it.
    pub fn new() -> Self {
        let now = Instant::now();
        if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            let style =
                ProgressStyle::with_template("{prefix:<20} [{bar:40}] {percent:>3} %  {msg}  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            return Self::Bar(bar);
        }
        Self::Lines(Mutex::new(Lines { is_storing: false, begun: now, told: now }))
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Shown {
    fn at(&self, step: Step) {
        match self {
            Self::Bar(bar) => draw(bar, step),
            Self::Lines(lines) => lines.lock().unwrap_or_else(PoisonError::into_inner).tell(step),
        }
    }
}

/// What is done, how much of it, of how much, and how many rows that is.
fn told(step: Step) -> (String, u64, u64, u64) {
    match step {
        Step::Reading { bytes, of, rows } => ("reading".to_owned(), bytes, of, rows),
        // In the end, what follows from all rows together.
        Step::Storing { entity: "", rows, of } => ("storing, last steps".to_owned(), rows, of, rows),
        Step::Storing { entity, rows, of } => (format!("storing {entity}"), rows, of, rows),
    }
}

fn draw(bar: &ProgressBar, step: Step) {
    let (prefix, position, of, rows) = told(step);
    // The time left starts anew with each phase.
    if prefix.starts_with("storing") && bar.prefix() == "reading" {
        bar.reset();
    }
    bar.set_length(of);
    bar.set_position(position);
    bar.set_message(format!("{rows} rows, {} rows/s", per_second(rows, bar.elapsed().as_secs_f64())));
    bar.set_prefix(prefix);
}

impl Lines {
    fn tell(&mut self, step: Step) {
        let now = Instant::now();
        let is_storing = matches!(step, Step::Storing { .. });
        if is_storing != self.is_storing {
            (self.is_storing, self.begun) = (is_storing, now);
        } else if now.duration_since(self.told) < BETWEEN_LINES {
            return;
        }
        self.told = now;
        note(&line(step, now.duration_since(self.begun).as_secs_f64()));
    }
}

/// A phase so far, in words.
fn line(step: Step, seconds: f64) -> String {
    let (what, done, of, rows) = told(step);
    let percent = (100 * done).checked_div(of).unwrap_or(100);
    let left = match per_second(done, seconds) {
        0 => String::new(),
        speed => format!(", about {} s left", of.saturating_sub(done).div_ceil(speed)),
    };
    format!("{what}: {rows} rows, {percent} %, {} rows/s{left}", per_second(rows, seconds))
}
