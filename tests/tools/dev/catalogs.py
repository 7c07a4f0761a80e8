"""What a database knows of its tables, in a form that compares: by what constraints and indexes say, not by their names."""

import re
import sqlite3
from typing import Any, Self

import psycopg

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, replace(pg_get_expr(d.adbin, d.adrelid), 'now()', 'CURRENT_TIMESTAMP'),
       a.attidentity, a.attgenerated, col_description(c.oid, a.attnum)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'
"""
_INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
_TYPES = """
SELECT typname, enumlabel FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
WHERE typnamespace = current_schema()::regnamespace ORDER BY 1, enumsortorder
"""


class Postgres:
    """A schema of its own in a real server, gone afterwards."""

    def __init__(self, url: str, name: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._name = name

    def __enter__(self) -> Self:
        self.run(f"DROP SCHEMA IF EXISTS {self._name} CASCADE; CREATE SCHEMA {self._name}; SET search_path = {self._name}")
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.rollback()
        self.run(f"DROP SCHEMA {self._name} CASCADE")
        self._connection.close()

    def run(self, script: str) -> None:
        """Run a script as psql does: what stands before BEGIN statement by statement."""
        alone, begin, together = script.partition("BEGIN;\n")
        for statement in alone.split(";\n") if begin else ():
            if statement.strip():
                self._connection.execute(statement.encode())
        self._connection.execute((f"BEGIN;{together}" if begin else script).encode())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query gives."""
        return self._connection.execute(query.encode()).fetchall()

    def catalog(self) -> dict[str, Any]:
        """Columns, constraints, indexes and enums. A serial column is one that counts by itself."""
        columns = [(*row[:4], None, "d", *row[6:]) if str(row[4]).startswith("nextval") else row for row in self.rows(_COLUMNS)]
        indexes = sorted((table, re.sub(r" INDEX \S+ ON \S+", " INDEX ON", words)) for table, words in self.rows(_INDEXES))
        return {
            "columns": sorted(columns, key=str),
            "constraints": sorted(self.rows(_CONSTRAINTS), key=str),
            "indexes": indexes,
            "types": self.rows(_TYPES),
        }


def sqlite_of(script: str) -> sqlite3.Connection:
    """A database in memory that the script made."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(script)
    return connection


def sqlite_catalog(connection: sqlite3.Connection) -> dict[str, Any]:
    """Columns, keys, checks and indexes of each table."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
    return {name: _sqlite_table(connection, name) for name in tables}


def _sqlite_table(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    (sql,) = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (name,)).fetchone()
    indexes = connection.execute('SELECT name, "unique", partial FROM pragma_index_list(?)', (name,)).fetchall()
    parts = 'SELECT name, "desc" FROM pragma_index_xinfo(?) WHERE key'
    return {
        "columns": sorted(connection.execute('SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?)', (name,)).fetchall()),
        "foreign": sorted(connection.execute('SELECT "table", "from", "to", on_update, on_delete FROM pragma_foreign_key_list(?)', (name,)).fetchall()),
        "indexes": sorted((unique, partial, tuple(connection.execute(parts, (index,)).fetchall())) for index, unique, partial in indexes),
        "checks": sorted(line.partition(" CHECK ")[2].rstrip(",").replace('"', "") for line in sql.splitlines() if " CHECK " in line),
    }
