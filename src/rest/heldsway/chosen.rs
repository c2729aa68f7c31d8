//! Which of a section's metrics are wanted: all of them, or those that `metrics` names.

use crate::fault::Fault;

/// Metrics of a section by name, in its document's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen(pub Vec<&'static str>);

impl Chosen {
    /// Whether one of that name is wanted.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    /// What it comes to, if it is wanted.
    pub fn tell<T>(&self, name: &str, value: impl FnOnce() -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        self.has(name).then(value).transpose()
    }

    /// The same where somebody has to be asked.
    pub async fn ask<T>(
        &self,
        name: &str,
        value: impl Future<Output = Result<T, Fault>>,
    ) -> Result<Option<T>, Fault> {
        if self.has(name) { value.await.map(Some) } else { Ok(None) }
    }
}
