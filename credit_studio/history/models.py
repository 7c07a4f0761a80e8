"""No table of its own: an index over the book's entries, by which the rare ones are found among a million."""

from sqlalchemy import Index, text

from credit_studio.ledger.models import Entry

_COLUMNS = Entry.metadata.tables["entry"].c
_TOLD = text("kind NOT IN ('hold', 'capture')")
IX_ENTRY_TOLD = Index("ix_entry_told", _COLUMNS.account_id, _COLUMNS.kind, _COLUMNS.number, postgresql_where=_TOLD)
"""All entries but holds and charges, which come with every run and are not rare: writing those costs nothing more."""
