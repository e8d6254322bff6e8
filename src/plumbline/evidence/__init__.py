"""Turns a fact into an event in an unbroken, signed chain, and proves it later."""
