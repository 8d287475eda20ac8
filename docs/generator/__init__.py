"""The references that are written from the code: configuration, flags, metrics, and config.example.yaml."""
