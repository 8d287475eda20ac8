"""The configuration: :func:`load_config` makes a frozen :class:`Config` of a YAML file or of the environment.

Every problem is reported at once, with line, dotted path and remedy, in one :class:`ConfigError`. The fields of the
model are the keys (:mod:`~exporter.config.kinds`); :func:`~exporter.config.reader.structure` reads any such model.
"""
