"""What we know, written in the formats of others."""
