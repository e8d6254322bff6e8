"""The steps from an empty database to today's tables. One is never changed after it was released."""
