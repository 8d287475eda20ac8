"""How many files the process may open: a thousand partners take more than the 1,024 that many systems give at first."""

from __future__ import annotations

import logging
import resource

log = logging.getLogger(__name__)

FILES_A_PARTNER = 3
"""The connection that is kept, a second handle of it while a request is made, a secret's file being read."""

OTHER_FILES = 512
"""Connections of the web server, the state, the log."""


def allow_open_files(partners: int) -> None:
    """Raise this process's own limit if so many partners need it; warn where the system forbids it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_A_PARTNER * partners + OTHER_FILES
    if soft == resource.RLIM_INFINITY or wanted <= max(soft, 1024):
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        log.warning(
            "too few files may be opened for so many partners",
            extra={"limit": allowed, "wanted": wanted, "action": "raise the hard limit, such as by ulimit -Hn"},
        )
