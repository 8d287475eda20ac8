"""A Partner API that answers from memory, as a process of its own: ``python -m bench.scale.api``.

It costs next to nothing itself, and has what the simulated Vobiz has not: partners that hang while others are answered
(``PA_HANG...``), and one with 100,000 customers (``PA_MANY...``); any other name is a partner, too.
``GET /arrivals`` tells when each partner's ``/dashboard`` was asked for, in seconds of the monotonic clock, which all
processes of a machine share.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import sys
import time
from collections import defaultdict
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.scale.canned import body

HANGING = "PA_HANG"
MANY = "PA_MANY"
CUSTOMERS = 100_000
SHOWN_DAYS = 31


class Api:
    """Answers one connection after the other's request; keeps when ``/dashboard`` was asked for."""

    def __init__(self) -> None:
        self.arrivals: dict[str, list[float]] = defaultdict(list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its peer ends it."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head.decode("latin-1"), writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        lines = head.split("\r\n")
        url = urlsplit(lines[0].split(" ")[1])
        auth_id = next((line.partition(": ")[2] for line in lines if line.lower().startswith("x-auth-id")), "")
        if url.path.endswith("/dashboard"):
            self.arrivals[auth_id].append(time.monotonic())
        if auth_id.startswith(HANGING):
            return
        content = json.dumps(self.arrivals).encode() if url.path == "/arrivals" else _figures(url.query, auth_id)
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content) + content
        )
        await writer.drain()


def _figures(query: str, auth_id: str) -> bytes:
    now = datetime.now(timezone.utc)
    asked = {name: date.fromisoformat(values[0]) for name, values in parse_qs(query).items()}
    last = asked.get("to_date", now.date())
    first = asked.get("from_date", last - timedelta(days=SHOWN_DAYS - 1))
    second = int(now.timestamp()) % 86_400
    return body(first, last, today=now.date(), second=second, customers=CUSTOMERS if auth_id.startswith(MANY) else 3)


async def _serve(certificate: Path | None, key: Path | None) -> None:
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(Api().converse, "127.0.0.1", 0, ssl=context, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    print(f"{'http' if context is None else 'https'}://localhost:{port}", flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def main() -> int:
    """Serve until standard input ends; the URL is printed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    args = parser.parse_args()
    asyncio.run(_serve(args.certificate, args.key))
    return 0


if __name__ == "__main__":
    sys.exit(main())
