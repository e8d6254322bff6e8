"""What an artifact is called, which stage it earned, when it may go, and what is said of it under a signature."""
