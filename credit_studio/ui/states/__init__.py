"""Shared State only: who am I, the balance."""
