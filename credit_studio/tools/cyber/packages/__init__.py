"""What is installed and what is known to be wrong with it: dependency files, and the bundled advisories (PyPI advisory database, CC-BY 4.0)."""
