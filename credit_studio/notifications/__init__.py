"""Telling people what happens to their credits: in the studio, by mail, by text message, to a webhook of theirs.

Owns the tables `alert`, `notification_rule` and `delivery`. Does not own what it tells of: caps and balances are the ledger's (read through
`history`), purchases are payments'. It hears of events through `wiring.py`, in the transaction in which they happen.

    service.py   the rule of a person, the list of their alerts, and writing an alert with its deliveries
    noticing.py  what of an event is worth an alert
    flow.py      sending what was written: a job takes one delivery, hands it over, writes the answer down
    mail.py, texting.py, webhook.py  one way out each

Invariants: an alert is written once for each (person, what it is about), whatever happens at the same time: a unique row decides. Its
deliveries and their jobs are written in the same transaction, so that a crash sends neither nothing nor twice.
"""
