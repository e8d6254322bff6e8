"""One file per noun; each defines ``PART``, its routes."""
