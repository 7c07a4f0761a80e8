"""Requests that were measured: read from logs and load tests, and what they say of speed, errors and capacity."""
