"""The organisation tree, and what is set at its nodes."""
