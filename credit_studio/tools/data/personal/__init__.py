"""Personal data: what it looks like, how it is told from what only looks like it, what the law calls it, and how it is masked."""
