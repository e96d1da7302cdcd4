//! Room: inquiries.
