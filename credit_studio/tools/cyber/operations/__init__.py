"""Records of security operations, incidents and vulnerabilities: read from CSV, measured, and held against thresholds."""
