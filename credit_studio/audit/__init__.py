"""The audit log: what was done, by whom, when. Append-only: the database refuses UPDATE and DELETE.

Owns the table `audit_entry`. Does not own what the events mean: whoever emits an event names it.
Invariant: a row stands exactly when the transaction that it tells of committed; it holds no password, token, body or email in clear.
"""
