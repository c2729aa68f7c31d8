//! One HTTP request, from its head to its answer.

use std::time::{Duration, Instant};

use super::Instruments;
use super::instruments::OneOf;
use super::labels::Answered;

/// A request that is being answered; one that is given up counts too.
pub struct Answering {
    instruments: Instruments,
    route: Option<String>,
    method: &'static str,
    started: Instant,
    status: Option<u16>,
    _in_flight: OneOf,
}

/// The methods that labels tell apart: clients may send any word.
const METHODS: [&str; 7] = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"];

impl Answering {
    /// By a route as it is declared, if there is one for it.
    pub fn new(instruments: &Instruments, route: Option<&str>, method: &str) -> Self {
        Self {
            route: route.map(str::to_owned),
            method: METHODS.into_iter().find(|known| *known == method).unwrap_or("other"),
            started: Instant::now(),
            status: None,
            _in_flight: instruments.in_flight(),
            instruments: instruments.clone(),
        }
    }

    /// The route as it is declared; `-` where there is none.
    pub fn route(&self) -> &str {
        self.route.as_deref().unwrap_or("-")
    }

    /// How long it has taken.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// It was answered so.
    pub fn answered(&mut self, status: u16) {
        self.status = Some(status);
        // What the server's own limits and rules refuse; the codes of GraphQL's are counted where they are given.
        let code = match status {
            405 => "405",
            406 => "406",
            408 => "408",
            413 => "413",
            415 => "415",
            431 => "431",
            504 => "504",
            _ => return,
        };
        self.instruments.refused(code);
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        let status = match self.status {
            None => "cancelled",
            Some(100..200) => "1xx",
            Some(200..300) => "2xx",
            Some(300..400) => "3xx",
            Some(400..500) => "4xx",
            Some(_) => "5xx",
        };
        let route = self.route.take().unwrap_or_else(|| "unmatched".to_owned());
        let labels = Answered { route, method: self.method, status };
        self.instruments.answered(labels, self.started.elapsed().as_secs_f64());
    }
}
