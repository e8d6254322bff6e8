"""Facts that policies and conditions may name: adding a family is adding a file."""
