"""Tables as text: strict reading, what a cell can be, and profiles. Knows nothing of scores or of how a result is shown."""
