"""STRIDE per element: the system as it is drawn, what can go wrong with each of its parts, how bad that is and what helps. Knows nothing of blocks."""
