"""Reading code as a reviewer does: what stands where, how bad it is, and how it could read instead."""
