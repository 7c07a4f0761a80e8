"""Incident response: what is done for each kind of incident on each platform, by whom, until when, and what is said to whom. Knows nothing of blocks."""
