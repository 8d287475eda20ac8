"""How well the shipped alerting rules detect: false pages, and delays beside what any detector could reach.

`python -m bench.detection --quick`. Many simulated partners (`world`) are written into a real Prometheus (`server`),
the recording rules are evaluated level by level (`plan`, `batch`), `for` and `keep_firing_for` are applied as the rule
manager applies them (`firing`), and what fired is compared with what happened (`verdict`, `figures`, `report`).

Needs numpy and PyYAML, and prometheus and promtool 2.42 or later on the PATH.
"""
