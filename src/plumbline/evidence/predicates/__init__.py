"""Kinds of predicates: each part says what a statement of its type looks like."""
