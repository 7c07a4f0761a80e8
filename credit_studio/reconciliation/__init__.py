"""Does the book agree with itself, and when was that last looked at? Once a night, and when it is overdue.

Owns the table `book_check`. Does not own the invariants, which `history` checks. Invariant: at most one check runs at a time, in any process.
"""
