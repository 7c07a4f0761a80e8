"""What past runs say: to estimates, which learn from them, and to everybody, on the board of accuracy. Reads runs and writes nothing."""
