"""What a run costs: price from usage, estimate before, quote with its limits, and the one gate that every spending passes.

Owns the formulas of the burn model. Does not own the rates (catalog), the book (ledger) or the process (runs). Owns no table.
Invariant: a charge never exceeds the quoted maximum, and the limits of a quote make that maximum a physical fact.
"""
