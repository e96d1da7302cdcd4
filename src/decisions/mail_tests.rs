//! Tables of resets by mail.
