//! The rules of deciding, one by one.
