"""How things look; no State of their own."""
