"""Ways of an attacker through a network: what leads where, how likely each way is, and which controls cut all of them. Knows nothing of blocks."""
