"""A hundred partners in one process, some of them hanging; five hundred shared out over five; very long answers."""
