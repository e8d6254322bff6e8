"""``python -m tools.migration WORDS``: write the step from the tables that the migrations make to those of the schema.

Read what it wrote: Alembic cannot see a column that got another name.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import api, produce_migrations
from alembic.runtime.migration import MigrationContext

from plumbline.adapters.store.engine import sqlite_engines
from plumbline.adapters.store.schema import REVISION, metadata
from plumbline.adapters.store.upgrading import STEPS, upgrade

PAGE = '''"""{title}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before}


def upgrade() -> None:
    {body}
'''


def main(title: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        engines = sqlite_engines(f"{folder}/store.db")
        last = max((path.name[1:5] for path in Path(STEPS, "versions").glob("r[0-9]*.py")), default="")
        if last:
            upgrade(engines, folder, to=last)
        with engines.writer.connect() as connection:
            options = {"render_as_batch": True, "target_metadata": metadata}
            context = MigrationContext.configure(connection, opts=options)
            steps = produce_migrations(context, metadata).upgrade_ops
            if steps is None or steps.is_empty():
                sys.exit("The migrations make the tables of the schema already.")
            body = api.render_python_code(steps, render_as_batch=True, migration_context=context)
        engines.close()
    revision = f"{int(last or 0) + 1:04}"
    if revision != REVISION:
        sys.exit(f"Set REVISION in adapters/store/schema to {revision} first.")
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    path = Path(STEPS, "versions", f"r{revision}_{name}.py")
    page = PAGE.format(title=title, revision=revision, before=repr(last) if last else None, body=body)
    path.write_text(re.sub(r"^\s*# .*\n", "", page, flags=re.M))
    subprocess.run(["ruff", "check", "--fix", "-q", path], check=False)
    subprocess.run(["ruff", "format", "-q", path], check=True)
    print(path)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
