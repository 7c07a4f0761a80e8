"""The book read back: what moved, a past balance, a month's statement, the proof of an account, and whether every invariant holds.

Reads only, and owns no table: its SQL is over the tables of the ledger. Nothing here knows how an entry came about: transfers are added up,
whatever the command was, so that a mistake of the write path cannot agree with itself. Invariants 1 to 8 are queries in `checks.py`; for 9
and 10 it follows every entry.
"""
