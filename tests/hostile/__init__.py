"""What somebody does to a server who means it harm, in a real process."""
