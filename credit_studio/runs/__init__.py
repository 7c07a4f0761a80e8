"""Runs of tools: from the quote to the charge, exactly once.

Owns the tables `run`, `run_result`, `upload` and `worker`, and the metered process (`runner/`). Does not own prices or balances.
Invariant: only a run that succeeded is charged; a run that had started is never started again.
"""
