"""Assessments: what the records tell of a system, held against a pack, recorded, and computed again by anybody."""
