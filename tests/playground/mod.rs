//! The playground: its examples answer, and its page works in Chromium.

mod browser;
mod examples;
mod headers;
