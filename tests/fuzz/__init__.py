"""Fuzzing: arbitrary bytes for every part that reads what others wrote.

``tests.fuzz.targets`` says what must hold for each of these parts. Two things try to break it:
``python -m tests.fuzz``, guided by coverage and as long as one likes, and
``tests/fuzz/test_fuzz.py``, short and the same each time.
"""
