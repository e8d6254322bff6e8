"""What is kept how long, what is removed, and what is sealed anew."""
