"""What every table shares: naming of constraints, and how instants are kept."""

from typing import Any

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def instant(*, nullable: bool = False, **more: Any) -> Any:  # noqa: ANN401 - mirrors sqlmodel.Field
    """A column that keeps an aware instant (timestamptz)."""
    return Field(sa_type=DateTime(timezone=True), nullable=nullable, **more)  # type: ignore[call-overload]


def columns(model: type[SQLModel]) -> Any:  # noqa: ANN401 - SQLModel has no types for the columns of its tables
    """The columns of a table, for Core statements."""
    return model.__table__.c  # type: ignore[attr-defined]
