"""Plans that people hold and what they bring: the allotment, its period, its caps; and sign-up as a whole.

Owns the table `subscription`. Does not own prices (catalog) or balances (ledger).
"""
