//! Two organizations with the same ids: whatever one asks, nothing of the other is in the answer, and the answer is
//! what it was before the other came.

mod organizations;
mod routes;
mod schema_walk;
