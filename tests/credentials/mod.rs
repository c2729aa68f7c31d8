//! Who is let in: every way in which a credential can be wrong, and the few in which it is right.

mod bench;
mod claims;
mod headers;
mod keys;
mod public_keys;
mod tokens;
