"""Jobs that take what they can get, against a real server: slower than tests, and run by hand."""
