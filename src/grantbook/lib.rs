//! The program: the API, and on it the command line and the console.

pub mod api;
pub mod bench;
pub mod cli;
pub mod client;
mod console;
pub mod doctor;
mod given;
pub mod replay;
pub mod serve;
pub mod verify;
