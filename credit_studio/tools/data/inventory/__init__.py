"""Data sets as a catalogue sees them: read from CSV, JSON or DDL, profiled column by column, joined by keys, described and exported."""
