"""``vobiz-exporter demo``: the daemon against the simulated Vobiz, each of them on its own socket."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from decimal import Decimal

from exporter.commands.run import serve
from exporter.config import EXTRAS, AuthId, AuthToken, Config, PartnerConfig, load_config
from exporter.config.errors import StartError
from exporter.simulator import DemoServer, describe, settings_from

INTERVAL = 5.0
"""Seconds between polls where no configuration file says otherwise: a demonstration should move."""

LOWEST, BELOW_BALANCE = 5, Decimal(1000)
"""Customers shown one by one, and the limit below which they count, where no file says otherwise: a few usually are."""


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
    config = load_config(args.config_file, environ=environ) if args.config_file is not None else _defaults(server)
    partners = tuple(
        PartnerConfig(
            name=name,
            auth_id=AuthId(auth_id),
            auth_token=AuthToken(token),
            alerts=config.alerts,
            collect=config.collect,
            customers=config.customers,
            causes=config.causes,
        )
        for name, (auth_id, token) in zip(_names(len(server.partners)), server.partners, strict=True)
    )
    api = dataclasses.replace(config.api, base_url=server.url)
    return dataclasses.replace(config, partners=partners, api=api)


def _defaults(server: DemoServer) -> Config:
    """What holds without a file; everything there is to collect is collected, so that a newcomer sees it."""
    auth_id, token = server.partners[0]
    config = load_config(None, environ={"VOBIZ_AUTH_ID": auth_id, "VOBIZ_AUTH_TOKEN": token})
    return dataclasses.replace(
        config,
        poll=dataclasses.replace(config.poll, interval=INTERVAL, slow_interval=2 * INTERVAL),
        collect=EXTRAS,
        customers=dataclasses.replace(
            config.customers, interval=2 * INTERVAL, lowest=LOWEST, below_balance=BELOW_BALANCE
        ),
    )


def where_to_look(listen_address: str) -> str:
    """The first line that is printed: what to open in a browser."""
    host, _, port = listen_address.rpartition(":")
    if port == "0":
        return "Open the address that is logged below as url, without /metrics."
    local = host in ("", "0.0.0.0", "[::]")  # noqa: S104 compared, not listened on
    return f"Open http://{'localhost' if local else host}:{port}/ in a browser."


def _names(count: int) -> list[str]:
    return ["demo"] if count == 1 else [f"demo-{number}" for number in range(1, count + 1)]
