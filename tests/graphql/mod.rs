//! GraphQL: whole responses, what is refused and how, how many statements a request costs, the schema, and that it says
//! the same as the documented API.

mod answers;
mod audits;
mod clairvoyance;
mod compressed;
mod cop;
mod currencies;
mod faults;
mod limits;
mod parity;
mod parity_distribu;
mod parity_ecosire;
mod parity_heldsway;
mod persisted;
mod refusals;
mod schema;
mod stall;
mod statements;
mod tags;
mod transport;
