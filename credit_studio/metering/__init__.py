"""The tokens that people's runs have counted, ever and this month, written with the settlement of each run.

Owns the table `token_count`. Does not own what a run counts (engine), credits (ledger) or usage by hour (analytics).
Invariants: a month begins with none, whatever was counted before; what was ever counted only grows; credits follow neither.
"""
