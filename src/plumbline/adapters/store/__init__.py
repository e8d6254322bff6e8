"""What the server keeps, in SQLite or PostgreSQL: the ledger, people, projects, pipelines."""
