"""Usage by hour and day, written with the settlement that it counts; and where the balance is heading.

Owns the table `usage_hour`. Invariant: its sums equal the captures of the ledger. A forecast is made when it is asked for and kept nowhere.
"""
