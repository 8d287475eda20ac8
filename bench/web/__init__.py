"""What a scrape costs, and who can hold up the server: `python -m bench.web`."""
