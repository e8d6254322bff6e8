"""One module for each forge: what its messages look like, and how they prove themselves."""
