"""``vobiz-exporter demo``: the daemon against the simulated Vobiz, each of them on its own socket."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from exporter.commands.run import serve
from exporter.config.errors import StartError
from exporter.config.load import load_config
from exporter.config.model import EXTRAS, Config, CustomersConfig, PartnerConfig, PollConfig
from exporter.config.secrets import AuthId, AuthToken
from exporter.simulator import DemoServer, describe, settings_from

DEFAULTS = Config(
    poll=PollConfig(interval=5.0, slow_interval=10.0),
    collect=EXTRAS,
    customers=CustomersConfig(interval=10.0, lowest=5, below_balance=Decimal(1000)),
)
"""Without a file: a demonstration should move, and show a newcomer everything there is to collect."""


def main(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run both until SIGTERM or SIGINT. Raises ConfigError and StartError."""
    server = DemoServer(settings_from(args))
    try:
        server.start()
    except OSError as error:
        problem = f"cannot listen there ({error.strerror}); choose another address"
        raise StartError(f"--demo.listen-address: {problem}") from None

    def started(url: str) -> None:
        print(f"Open {url}/ in a browser.\n{describe(server)}", end="", flush=True)

    with server:
        load = partial(_config, args, environ, server)
        return serve(args, environ, load, started=started)


def _config(args: argparse.Namespace, environ: Mapping[str, str], server: DemoServer, *, here: bool = False) -> Config:
    """What the file says, or the defaults; but the partners and the address are the simulator's."""
    config = DEFAULTS if args.config_file is None else load_config(args.config_file, environ=environ, here=here)
    count = len(server.partners)
    same = {name: getattr(config, name) for name in ("alerts", "collect", "customers", "causes")}
    partners = tuple(
        PartnerConfig(
            name="demo" if count == 1 else f"demo-{number}",
            auth_id=AuthId(auth_id),
            auth_token=AuthToken(token),
            **same,
        )
        for number, (auth_id, token) in enumerate(server.partners, 1)
    )
    api = dataclasses.replace(config.api, base_url=server.url)
    return dataclasses.replace(config, partners=partners, api=api)
