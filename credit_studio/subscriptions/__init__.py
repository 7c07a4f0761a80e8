"""Plans that people hold and what they bring: the allotment, its period, its caps; choosing another plan; and sign-up as a whole.

Owns the tables `subscription`, `paid_plan` and `allotment`. Does not own prices (catalog), balances (ledger) or what is said to Stripe (payments).

    flow.py       sign-up, an operator's verbs, the studio's own renewals
    changing.py   choosing a plan: what it would do (`changes.py`), and doing it at Stripe
    lapsing.py    what was not renewed in time
    following.py  what follows when something was paid, or a subscription stands otherwise

Invariants: everybody holds one plan; an invoice is allotted once; the plan is worked out from what was paid for and how the subscriptions
stand, so the order of Stripe's events does not matter (docs/decisions/0011); no change of plan touches credits that are a person's own.
"""
