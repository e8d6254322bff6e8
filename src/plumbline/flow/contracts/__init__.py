"""Evidence contracts kept, collections opened and closed, statements about runs signed."""
