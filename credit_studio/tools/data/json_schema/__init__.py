"""JSON Schema 2020-12: inferred from documents, used to validate them, and written as types of programming languages."""
