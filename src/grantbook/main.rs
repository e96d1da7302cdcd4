//! The program `grantbook`.

fn main() {}
