"""One maker per table: a valid row with as few words as possible."""
