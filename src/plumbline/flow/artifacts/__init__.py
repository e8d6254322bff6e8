"""What builds made: stored by digest, named, attested, verified, and let go."""
