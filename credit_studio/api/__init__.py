"""The HTTP door: parse, one call, view out."""
