//! The outbox loop: SMTP step by step, retries, or files in a directory.
