"""The limit on open files: raised for many partners, left alone for few, and told where the system forbids it."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from exporter.daemon.open_files import FILES_A_PARTNER, OTHER_FILES, allow_open_files


@pytest.fixture
def hard() -> Iterator[int]:
    """The hard limit; the soft one is 1,024 for the test."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 1024 < before[1] < 3 * 1024 or before[1] < 1024:
        pytest.skip("the hard limit on open files is too low here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
    yield before[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def soft() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@pytest.mark.usefixtures("hard")
def test_for_few_partners_the_limit_stays_as_it_was() -> None:
    allow_open_files(10)
    assert soft() == 1024


@pytest.mark.usefixtures("hard")
def test_for_many_partners_it_is_raised() -> None:
    allow_open_files(300)
    assert soft() == 300 * FILES_A_PARTNER + OTHER_FILES


def test_where_it_cannot_be_raised_so_far_that_is_told(hard: int, caplog: pytest.LogCaptureFixture) -> None:
    if hard == resource.RLIM_INFINITY:
        pytest.skip("there is no hard limit on open files here")
    allow_open_files(hard)
    assert soft() == hard
    assert [record.getMessage() for record in caplog.records] == ["too few files may be opened for so many partners"]
