//! Requests that were read before: of one that is sent again, byte by byte the same, it is known what it asks and costs.
//!
//! That follows from its bytes, the schema and the server's options alone. What is refused is not remembered.

use std::sync::Arc;

use ahash::RandomState;
use moka::sync::Cache;

use super::executor::Call;

/// Most bytes of requests that are remembered, with what was read of them, by rough count.
const REMEMBERED_BYTES: u64 = 8 << 20;
/// What is read of a request takes for each of its bytes, about.
const READ: usize = 16;
/// And besides.
const ENTRY: usize = 500;

/// What requests ask for, by their bytes.
pub struct Calls(Cache<Box<[u8]>, Arc<Call>, RandomState>);

impl Calls {
    /// Nothing known yet.
    pub fn new() -> Self {
        let known = Cache::<Box<[u8]>, Arc<Call>>::builder().max_capacity(REMEMBERED_BYTES);
        let known = known.weigher(|sent, call| {
            // A request may name its document by a hash.
            let bytes = sent.len().max(call.length()).saturating_mul(READ);
            u32::try_from(bytes.saturating_add(ENTRY)).unwrap_or(u32::MAX)
        });
        Self(known.build_with_hasher(RandomState::new()))
    }

    /// What is asked by a request that was read before.
    pub fn find(&self, sent: &[u8]) -> Option<Arc<Call>> {
        self.0.get(sent)
    }

    /// Remembers what was read of a request.
    pub fn remember(&self, sent: &[u8], call: &Arc<Call>) {
        self.0.insert(sent.into(), Arc::clone(call));
    }
}
