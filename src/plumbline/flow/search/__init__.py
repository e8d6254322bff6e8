"""What a name, a number, a digest or a few words may mean, as far as whoever asks may see it."""
