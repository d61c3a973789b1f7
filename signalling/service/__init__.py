"""What each method does, whoever carried it here: socket, HTTP or a test."""
