"""Money that comes in: orders, Stripe's events, customers and their cards. The only room of the studio that talks to Stripe.

Owns the tables `customer`, `bill_to`, `purchase`, `inbox`, `refund`, `dispute`, `recharge_rule`, `receipt_counter` and
`money_check`. Does not own prices (catalog),
balances (ledger) or which plan somebody holds (subscriptions): it tells them by events, and `wiring.py` says what follows.

    flow.py        what buyers ask for: checkout, verify, top up, portal, orders
    inbox.py       what Stripe tells: receive (the door), process (the job), retries, dead letters, replay
    handling.py    which event is read and written by whom
    service.py     verbs in one given transaction: open, pay, fail, expire an order; note a card
    receipts.py    what was paid, as a list and as PDF
    refunding.py   money that goes back, and the credits that go with it; claims.py reads refunds and disputes at Stripe
    recharging.py  packs that are bought by themselves when credits run low
    reconciling.py does what was paid agree with what was granted; mending.py writes what nobody told of, at_stripe.py lists it
    gateway.py     Stripe's SDK: every call async, with an idempotency key of ours; gives frozen facts, never Stripe's objects

Nothing outside the database is called in a transaction: our row is written and committed, then Stripe is asked with a key made of the
row's id, then what it said is written and committed. What a crash leaves between is healed by the webhook, by `flow.verify`, or by the
reconciliation. Invariants: an order is granted once, whoever tells of its payment and however often (`order:<id>` names the grant); an
event is marked done in the transaction that does what it asks; the amount that was paid is the order's; receipts have no gaps.
"""
