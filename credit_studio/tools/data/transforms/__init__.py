"""Steps over tables of typed columns: an expression language, a checked plan, and the same plan run, as SQL and as pandas code."""
