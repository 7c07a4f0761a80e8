"""Imports every table, so that Alembic and the tests see one whole schema. Nothing else imports this."""

import importlib
from pathlib import Path

from sqlmodel import SQLModel

import credit_studio.db.tables  # names the constraints before the first table is made

for _models in sorted(Path(__file__).parent.glob("*/models.py")):
    importlib.import_module(f"{credit_studio.__name__}.{_models.parent.name}.models")

metadata = SQLModel.metadata
