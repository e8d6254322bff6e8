"""What the product talks about: frozen values, their legal transitions, and the protocols of everything outside."""
