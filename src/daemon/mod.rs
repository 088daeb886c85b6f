//! Builds the parts, supervises them, reloads, stops in order.
