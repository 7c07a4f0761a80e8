"""One maker a table: rows for tests, by the same verbs that the product uses."""
