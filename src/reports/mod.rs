//! The resolvers, a file a report domain: they ask the semantic layer and do the domain's arithmetic.
//!
//! GraphQL fields and REST routes call the same methods; a resolver never knows who called it.

pub mod affiliates;
pub mod anomalies;
pub mod assortment;
pub mod business;
pub mod buyers;
pub mod changes;
pub mod cohorts;
pub mod dashboards;
pub mod deals;
pub mod desk;
pub mod estimate;
pub mod explore;
pub mod exports;
mod face;
pub mod figures;
pub mod forecast;
pub mod inventory;
pub mod lifetimes;
pub mod listing;
pub mod names;
pub mod order_list;
pub mod orders;
pub mod pairs;
pub mod parties;
pub mod places;
pub mod products;
pub mod registered;
pub mod revenue;
pub mod scope;
pub mod sets;
pub mod shared;
pub mod top;
pub mod window;

pub use changes::Changes;
pub use desk::{Desk, Gateway, READ_AHEAD, may_not_read};
pub use scope::{Ranking, Scope};
pub use top::{Top, every, top};
