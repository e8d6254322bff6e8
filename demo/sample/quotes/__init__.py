"""A small service that quotes the monthly rate of a loan."""
