"""The protocols of everything outside, one file a subject."""
