"""Bytes that a tool wrote in; tests, coverage, findings and components out."""
