"""The assessment of processing of personal data: what is declared, what a sample shows, the risks to people, and what the law asks for."""
