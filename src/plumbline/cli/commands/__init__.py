"""One command a file; the group in ``cli/app`` finds them by their names."""
