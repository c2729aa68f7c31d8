//! How far an import has come, told to whoever shows it.

/// A moment of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Files are being read.
    Reading {
        /// Bytes of files that were read, as they lie on disk.
        bytes: u64,
        /// Bytes that there are to read.
        of: u64,
        /// Rows read so far.
        rows: u64,
    },
    /// What was read is being stored.
    Storing {
        /// Whose rows are next.
        entity: &'static str,
        /// Rows stored so far.
        rows: u64,
        /// Rows that there are to store.
        of: u64,
    },
}

/// Is told how far an import has come.
pub trait Progress: Send + Sync {
    /// The import has come so far.
    fn at(&self, step: Step);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: Step) {}
}
