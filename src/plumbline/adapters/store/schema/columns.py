"""What the tables are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, Text
from sqlalchemy import text as literally

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by itself only where the type is exactly INTEGER, which has 64 bits there.
Number = BigInteger().with_variant(Integer, "sqlite")


def key() -> Column[int]:
    """A number that the database gives; never given twice, also after the row is gone."""
    return Column("id", Number, primary_key=True, autoincrement=True)


def number(name: str, **settings: Any) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0", **settings)


def text(name: str, default: str | None = "", **settings: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=default, **settings)


def data(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=literally("false"))


def belongs(name: str, table: str, **settings: Any) -> Column[int]:
    """A row of another table that this one goes with."""
    settings.setdefault("nullable", False)
    return Column(name, BigInteger, ForeignKey(f"{table}.id", ondelete="CASCADE"), **settings)
