"""The words everything else is written in: errors, events, actors, ids, time, credits and money.

Owns no table and does no I/O. Imports the standard library and the id generator only.
"""
