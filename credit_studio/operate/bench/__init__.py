"""`make bench` and `make bench-growth`: what this machine gives, and what the studio makes of it, in one go.

Owns the floors (pgbench, a bare one-row SELECT, a bare fork), the loads that are read against them, the gates, and `docs/benchmarks.md`.
Owns nothing that runs in the product, and changes nothing of it: the loads go through the same batcher, engine and verbs.
Invariants: a figure stands beside a floor that was measured in the same minutes; the cluster is its own, has the product's settings, and
is gone afterwards; what a load was told is looked up in the book after it.
"""
