"""The database: where it is, one transaction at a time, its job queue and its bell.

Owns the engine, the embedded server, `transaction()`, enqueueing and NOTIFY inside a transaction, and LISTEN. Owns no table.
Invariant: nobody else commits; nothing outside the database is called inside a transaction.
"""
