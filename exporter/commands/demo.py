"""``vobiz-exporter demo``: the daemon against the simulated Vobiz, each of them on its own socket."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from decimal import Decimal

from exporter.commands.run import serve
from exporter.config import EXTRAS, AuthId, AuthToken, Config, CustomersConfig, PartnerConfig, PollConfig, load_config
from exporter.config.errors import StartError
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
        raise StartError(
            f"--demo.listen-address: cannot listen there ({error.strerror}); choose another address"
        ) from None
    with server:
        print(f"{where_to_look(args.web_listen_address[0])}\n{describe(server)}", end="", flush=True)
        return serve(args, environ, lambda: _config(args, environ, server), proxies_from_environment=False)


def _config(args: argparse.Namespace, environ: Mapping[str, str], server: DemoServer) -> Config:
    """What the file says, or the defaults; but the partners and the address are the simulator's."""
    config = DEFAULTS if args.config_file is None else load_config(args.config_file, environ=environ)
    count = len(server.partners)
    partners = tuple(
        PartnerConfig(
            name="demo" if count == 1 else f"demo-{number}",
            auth_id=AuthId(auth_id),
            auth_token=AuthToken(token),
            alerts=config.alerts,
            collect=config.collect,
            customers=config.customers,
            causes=config.causes,
        )
        for number, (auth_id, token) in enumerate(server.partners, 1)
    )
    api = dataclasses.replace(config.api, base_url=server.url)
    return dataclasses.replace(config, partners=partners, api=api)


def where_to_look(listen_address: str) -> str:
    """The first line that is printed: what to open in a browser."""
    host, _, port = listen_address.rpartition(":")
    if port == "0":
        return "Open the address that is logged below as url, without /metrics."
    local = host in ("", "0.0.0.0", "[::]")  # noqa: S104 compared, not listened on
    return f"Open http://{'localhost' if local else host}:{port}/ in a browser."
