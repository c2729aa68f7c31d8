//! Documents that can be wrong: what they show is run, and what they link to is there.

mod links;
mod readme;
