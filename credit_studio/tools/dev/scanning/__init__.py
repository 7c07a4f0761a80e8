"""Looking for weaknesses in source files: reading them in, the analysers, and the report that other programs read."""
