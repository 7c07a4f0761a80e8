"""The metered process: a warm fork a run, under limits, measured. Knows tools and bytes; knows no user, credit or table."""
