"""An audit against a framework of controls: evidence as given, maturity by a stated rule, a plan to close the gaps, and the report."""
