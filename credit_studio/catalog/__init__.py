"""Plans, packs and rates as one typed, validated file that an operator edits. Owns no table."""
