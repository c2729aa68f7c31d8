//! Pages of shared reports: what their markup says, and how they are seen in Chromium.

mod browser;
mod locales;
mod server;
pub mod told;
