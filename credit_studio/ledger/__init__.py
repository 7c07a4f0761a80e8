"""The book of credits: accounts, entries, transfers, grants, holds, caps.

Owns every balance. Does not own prices (engine), plans (subscriptions) or runs: it holds and captures amounts under their ids.
The way of a command: `service` (verbs) -> `writing` (lock, read, decide, write: any number of commands) -> `rules` and `corrections`
(pure decisions on `terms`) -> `store` (SQL). `batcher` gathers commands of many callers; `verify` alone knows the form
that is hashed. The room `history` reads the book back and checks its invariants. All rows of an account are written only under that account's
row lock.
"""
