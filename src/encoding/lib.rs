//! Room: encoding.
