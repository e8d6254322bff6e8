"""One file a format: the positive mark that names it, and how it is read."""
