"""SARIF 2.1.0 in pieces: its rules, its places, its results."""
