//! Who is let in: every way in which a credential can be wrong, and the few in which it is right.

pub mod bench;
mod claims;
mod forged;
mod headers;
mod issuers;
mod jwks;
mod keys;
mod public_keys;
mod revocation;
mod signing;
mod source;
mod tokens;
mod vectors;
