"""The Partner API: requests with a deadline, bytes to values, and one closed outcome for each failure."""
