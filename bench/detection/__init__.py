"""How well the shipped detector of answer-rate drops does, on simulated lanes of many worlds."""
