"""What a person sets about their own credits: caps, alerts, auto-recharge, time zone; and what a cap would have stopped.

Owns no table: each setting is kept by the room that acts on it. Caps are the ledger's (subject "own"), the zone is identity's, the
auto-recharge is payments', thresholds and channels are notifications'. This room says what may be set, changes it in one transaction,
all or nothing, and tells it once (`LimitsChanged`).

Invariants: an own cap is never set above what the plan allows plus what was bought; a change that does not fit changes nothing and
names every field; the simulator decides with the windows of the ledger.
"""
