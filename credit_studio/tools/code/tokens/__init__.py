"""Counting tokens as the published encoding `cl100k_base` does, from ranks that lie beside this file: nothing is downloaded."""
