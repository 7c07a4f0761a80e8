"""Credits that come without a purchase of one's own: promo codes, gifts from person to person, and the bonus for an invitation.

Owns the tables `promo_code`, `redemption`, `gift`, `referral_code` and `referral`. Does not own balances (ledger) or payments: it hears
that an order was paid or went back. A gift's credits rest in an account of its own until it is claimed, taken back or past its time.

    promos.py     an operator makes codes, people redeem them
    gifts.py      a person sets credits aside under a link; whoever has it claims them once
    referrals.py  an invitation is accepted; both get their bonus with the first purchase

Invariants: a code is redeemed once a person and never more often than it may; a gift ends once; an account is invited once, by an older
one; a bonus is paid once, and taken back when the purchase that earned it goes back.
"""
