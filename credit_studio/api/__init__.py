"""The HTTP door: parse, one call, view out.

Owns the routes under `/api`, the health routes, and the layers that every request and websocket of the whole studio passes
(`security.secure`). Does not own decisions: who may do what is said in the rooms below.
Invariants: every error is `application/problem+json`; every route is rate-limited; no table row leaves this door.
"""
