"""Who people are: accounts, passwords, sessions, roles.

Owns the tables `person` and `login_session`. Does not own credits or plans: sign-up as a whole is `subscriptions.flow.register`.
Invariant: a token is stored only as its SHA-256, a password only as its argon2id hash; neither ever leaves this room.
"""
