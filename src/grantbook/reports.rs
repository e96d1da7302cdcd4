//! Reports that people keep: pages that print, and tables. Functions of what is asked for and of nothing else, so that the
//! same answer is the same bytes whenever it is written.

mod review;

pub(crate) use review::{review_csv, review_html};
