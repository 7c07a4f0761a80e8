"""Database schemas: read from SQL DDL, written for PostgreSQL, MySQL and SQLite, compared, migrated and reviewed."""
