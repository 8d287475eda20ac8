"""The web server and the pages on it."""
