"""Evidence contracts: what has to be there before anything goes on, what fills it, and what is missing. Pure."""
