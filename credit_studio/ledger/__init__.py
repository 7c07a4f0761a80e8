"""The book of credits: accounts, entries, transfers, grants, holds, caps.

Owns every balance. Does not own prices (engine), plans (subscriptions) or runs: it holds and captures amounts under their ids.
Invariants 1 to 8 of the book are queries in `checks.py`; all rows of an account are written only under that account's row lock.
"""
