"""The long-running program, and the one place where all the parts are put together."""
