"""A catalogue of security and privacy controls of six frameworks, how they relate, and how a text finds its control."""
