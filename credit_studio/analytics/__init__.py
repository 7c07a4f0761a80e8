"""Usage by hour and day, written with the settlement that it counts.

Owns the table `usage_hour`. Invariant: its sums equal the captures of the ledger.
"""
