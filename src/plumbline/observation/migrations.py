"""Which changes of a database can be taken back: one small rule for each tool."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Read = Callable[[str], bytes | None]

_FLYWAY = re.compile(r"(?P<folder>^|.*/)V(?P<version>\d[\d._]*)__[^/]*\.(?:sql|java|kt)$")
_FLYWAY_UNDO = re.compile(r"(?P<folder>^|.*/)U(?P<version>\d[\d._]*)__[^/]*$")
_FLYWAY_REPEATED = re.compile(r"(?:^|/)R__[^/]*$")
_UP = re.compile(r"(?P<start>.*)(?P<dot>[._/-])up(?P<end>(?:\.\w+)+)$")
_DOWN = re.compile(r".*[._/-]down(?:\.\w+)+$")
_PRISMA = re.compile(r"(?P<folder>.*/\d{8,}_[^/]+)/migration\.sql$")
_HELPER = re.compile(r"(?:^|/)(?:__init__\.py|env\.py|script\.py\.mako|migration_lock\.toml|schema\.rb)$")
_NO_BODY = re.compile(
    rb"^(?:\s|#[^\n]*\n|\"\"\".*?\"\"\"|'''.*?''')*(?:pass|\.\.\.|raise\b[^\n]*|return(?:\s+None)?)?\s*$", re.S
)
_DOWNGRADE = re.compile(rb"^def downgrade\([^)]*\)[^:]*:\n?(?P<body>(?:[ \t]+[^\n]*(?:\n|\Z)|[ \t]*(?:\n|\Z))*)", re.M)
_ALEMBIC = re.compile(rb"^(?:down_revision\b|def upgrade\()", re.M)
_DJANGO = re.compile(rb"migrations\.Migration\b")
_DJANGO_HARD = re.compile(rb"\b(?:RunPython|RunSQL)\(")
_DJANGO_BACK = re.compile(rb"\b(?:reverse_code|reverse_sql|RunPython\.noop|RunSQL\.noop)\b")
_DJANGO_PAIR = re.compile(rb"\b(?:RunPython|RunSQL)\(\s*[\w.]+\s*,\s*[\w.]+\s*[,)]")
_RAILS = re.compile(rb"ActiveRecord::Migration")
_RAILS_BACK = re.compile(rb"^\s*def (?:self\.)?(?:change|down)\b", re.M)
_RAILS_NOT = re.compile(rb"IrreversibleMigration")
_LIQUIBASE = re.compile(rb"<databaseChangeLog\b|databaseChangeLog\s*[:=]|^--\s*liquibase formatted sql", re.M | re.I)
_LIQUIBASE_BACK = re.compile(rb"<rollback\b|\brollback\s*:|^--\s*rollback\b", re.M | re.I)
_LIQUIBASE_SQL = re.compile(
    rb"<sql\b|<sqlFile\b|\bsql\s*:|\bsqlFile\s*:|^--\s*changeset\b|<(?:dropTable|dropColumn|delete)\b", re.M
)
_INCLUDES_ONLY = re.compile(rb"<changeSet\b|\bchangeSet\s*:|^--\s*changeset\b", re.M)
_MARKED_DOWN = re.compile(rb"^--\s*(?:\+goose Down|\+migrate Down|migrate:down)\s*\n\s*\S", re.M)
_MARKED_UP = re.compile(rb"^--\s*(?:\+goose Up|\+migrate Up|migrate:up)\b", re.M)
_SCRIPT_DOWN = re.compile(rb"\b(?:exports\.down\s*=|(?:async\s+)?down\s*(?:\(|=|:)|function down\()")
_SCRIPT_UP = re.compile(rb"\b(?:exports\.up\s*=|(?:async\s+)?up\s*(?:\(|=|:)|function up\()")


def sorted_migrations(paths: Iterable[str], every: Iterable[str], read: Read) -> Iterator[tuple[str, bool]]:
    """Each change, and whether there is a way back; the way back itself is not counted as a change.

    ``every`` are all paths of the tree. A file that is no change (a list of others, a helper) is left out."""
    there = set(every)
    undone = {match["folder"] + "U" + match["version"] for path in there if (match := _FLYWAY_UNDO.match(path))}
    for path in paths:
        if _HELPER.search(path) or _FLYWAY_UNDO.match(path) or _DOWN.match(path):
            continue
        good = _by_name(path, there, undone)
        if good is None:
            good = _by_content(path, read(path) or b"")
        if good is not None:
            yield path, good


def _by_name(path: str, there: set[str], undone: set[str]) -> bool | None:
    """None: the name does not tell."""
    if match := _FLYWAY.match(path):
        return f"{match['folder']}U{match['version']}" in undone
    if _FLYWAY_REPEATED.search(path):
        return True  # runs again whenever it is changed back
    if match := _UP.match(path):
        return f"{match['start']}{match['dot']}down{match['end']}" in there
    if match := _PRISMA.match(path):
        return f"{match['folder']}/down.sql" in there
    return None


def _by_content(path: str, text: bytes) -> bool | None:
    """None: it is no change of a database."""
    for tells, judge in _TOOLS:
        if tells.search(text):
            return judge(text)
    return False if path.endswith(".sql") else None


def _alembic(text: bytes) -> bool:
    match = _DOWNGRADE.search(text)
    return match is not None and not _NO_BODY.match(match["body"])


def _django(text: bytes) -> bool:
    hard = len(_DJANGO_HARD.findall(text))
    return hard <= len(_DJANGO_BACK.findall(text)) + len(_DJANGO_PAIR.findall(text))


def _rails(text: bytes) -> bool:
    return bool(_RAILS_BACK.search(text)) and not _RAILS_NOT.search(text)


def _liquibase(text: bytes) -> bool | None:
    if not _INCLUDES_ONLY.search(text):
        return None
    return bool(_LIQUIBASE_BACK.search(text)) or not _LIQUIBASE_SQL.search(text)


def _marked(text: bytes) -> bool:
    return bool(_MARKED_DOWN.search(text))


def _script(text: bytes) -> bool:
    return bool(_SCRIPT_DOWN.search(text))


_TOOLS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], bool | None]], ...] = (
    (_DJANGO, _django),
    (_ALEMBIC, _alembic),
    (_RAILS, _rails),
    (_LIQUIBASE, _liquibase),
    (_MARKED_UP, _marked),
    (_SCRIPT_UP, _script),
)
