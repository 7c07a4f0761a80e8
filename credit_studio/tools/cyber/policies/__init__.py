"""The clauses of sixteen security policies, the facts that each depends on, and the document that is written from them."""
