"""What jobs and other tools found: read, kept, compared, and told to the ledger."""
