"""Credit Studio: a studio of tools whose server runs are metered and paid in credits."""
