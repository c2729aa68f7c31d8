//! People who sign in: how, what it opens, what it takes to use it, and when it ends.

mod browser;
mod commands;
mod csrf;
mod ends;
mod entering;
mod fixation;
mod hostile;
mod limits;
mod logs;
mod pages;
mod places;
mod rights;
mod share;
mod sockets;
mod uniform;
