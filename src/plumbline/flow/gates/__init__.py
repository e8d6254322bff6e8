"""Policies kept, gates evaluated, waivers asked for and agreed."""
