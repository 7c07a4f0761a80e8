"""What the Project Builder makes projects of: names, field types, templates and licence texts."""
