"""Build the schema in an empty database, and see that it refuses what is nonsense."""

import sqlite3
from pathlib import Path

database = sqlite3.connect(":memory:")
database.executescript(Path("db/quotes.sql").read_text())
insert = "insert into quote (amount, months, interest, rate) values (?, ?, ?, ?)"
database.execute(insert, ("10000", 12, "6", "860.66"))
for wrong in (("0", 12, "6", "1"), ("100", 0, "6", "1"), ("100", 481, "6", "1"), ("100", 12, "-1", "1")):
    try:
        database.execute(insert, wrong)
    except sqlite3.IntegrityError as error:
        print(f"refused, as it should be: {wrong}: {error}")
    else:
        raise SystemExit(f"the schema takes {wrong}")
print(f"quotes kept: {database.execute('select count(*) from quote').fetchone()[0]}")
