//! The tables, one file each: columns and relations, and nothing that computes.
//!
//! Every tenant table starts with `organization_id`, and so does every key into another tenant table. Things that
//! facts point to carry two identities: a dense integer key (`*_key`), given by the application at first sight and
//! used in every join, and the source's own text id (`*_id`, `*_number`), which is what clients see.

pub mod affiliate;
pub mod api_key;
pub mod attendance;
pub mod campaign;
pub mod campaign_day;
pub mod category;
pub mod conversion;
pub mod customer;
pub mod dashboard;
pub mod deal;
pub mod deal_stage;
pub mod discord_guild;
pub mod download;
pub mod employee;
pub mod event;
pub mod exchange_rate;
pub mod ingest_answer;
pub mod order;
pub mod order_item;
pub mod organization;
pub mod product;
pub mod refund;
pub mod rollup;
pub mod rollup_state;
pub mod sales_rep;
pub mod session;
pub mod share_link;
pub mod sign_in_attempt;
pub mod stale_day;
pub mod stock_movement;
pub mod subscription;
pub mod ticket;
pub mod tracking_code;
pub mod tracking_salt;
pub mod tracking_site;
pub mod user;

mod code;
mod timestamp;

pub use timestamp::Timestamp;
