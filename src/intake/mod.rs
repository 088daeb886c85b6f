//! One loop a mailbox: wait, fetch, spool, ingest, act on the server.
