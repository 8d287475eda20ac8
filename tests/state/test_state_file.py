"""The state file: read, replaced whole, put aside, refused."""

from __future__ import annotations

import json
import logging
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from exporter.state.document import ABANDONED_AFTER

from exporter.state import StateError, StateFile

NOW = 1_782_900_000.0


@contextmanager
def opened(path: Path, *configured: str, now: float = NOW) -> Iterator[StateFile]:
    state = StateFile(path)
    try:
        state.open(configured=configured, now=now)
        yield state
    finally:
        state.close()


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def test_what_was_saved_is_there_after_a_restart(path: Path) -> None:
    with opened(path, "acme", "other") as state:
        state.save("acme", {"auth_id": "PA_1", "ledger": {"totals": {"inbound": {"calls": "7"}}}})
        state.save("other", {"auth_id": "PA_2"})
    with opened(path, "acme", "other") as state:
        assert state.entry("acme") == {"auth_id": "PA_1", "ledger": {"totals": {"inbound": {"calls": "7"}}}}
        assert state.entry("other") == {"auth_id": "PA_2"}
        assert state.entry("nobody") is None


def test_the_file_is_readable_json_with_a_version(path: Path) -> None:
    with opened(path, "acme") as state:
        state.save("acme", {"auth_id": "PA_1"})
    document = json.loads(path.read_text(encoding="utf-8"))
    assert (document["format"], document["version"]) == ("vobiz-exporter state", 1)
    assert document["partners"] == {"acme": {"auth_id": "PA_1"}}


def test_a_name_may_hold_any_character(path: Path) -> None:
    with opened(path, 'a"\\\n☎') as state:
        state.save('a"\\\n☎', {"auth_id": "PA_1"})
    with opened(path, 'a"\\\n☎') as state:
        assert state.entry('a"\\\n☎') == {"auth_id": "PA_1"}


def test_only_the_owner_may_read_it_and_nothing_else_is_left_beside_it(path: Path) -> None:
    with opened(path, "acme") as state:
        state.save("acme", {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {entry.name for entry in path.parent.iterdir()} == {"state.json", "state.json.lock"}


def test_a_leftover_of_a_killed_write_is_overwritten(path: Path) -> None:
    aside = path.with_name("state.json.new")
    aside.write_text("half of somethi", encoding="utf-8")
    aside.chmod(0o644)
    with opened(path, "acme") as state:
        state.save("acme", {"auth_id": "PA_1"})
    assert json.loads(path.read_bytes())["partners"] == {"acme": {"auth_id": "PA_1"}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_missing_directories_are_made(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lib" / "state.json"
    with opened(path, "acme") as state:
        state.save("acme", {})
    assert path.is_file()
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_opening_alone_writes_nothing(path: Path) -> None:
    path.write_text('{"format": "vobiz-exporter state", "version": 1, "partners": {}}', encoding="utf-8")
    before = path.read_bytes()
    with opened(path, "acme"):
        pass
    assert path.read_bytes() == before


WHOLE = b'{"format": "vobiz-exporter state", "version": 1, "partners": {"acme": {"auth_id": "PA_1"}}}'
UNUSABLE = {
    "empty": (b"", "it is damaged or cut short"),
    "cut short": (WHOLE[:-7], "it is damaged or cut short"),
    "not text": (b"\x00\xff\xfe" * 9, "it is damaged or cut short"),
    "nested without end": (b"[" * 100_000, "it is damaged or cut short"),
    "zeros after a power cut": (b"\x00" * 4096, "it is damaged or cut short"),
    "a list": (b"[]", "it is not a state file of vobiz-exporter"),
    "something else": (b'{"version": 1, "partners": {}}', "it is not a state file of vobiz-exporter"),
    "newer": (WHOLE.replace(b"1,", b"2,"), "it has version 2, and this release reads version 1"),
    "no version": (WHOLE.replace(b'"version": 1, ', b""), "it has version None, and this release reads version 1"),
    "no partners": (b'{"format": "vobiz-exporter state", "version": 1}', "it is damaged: it has no partners"),
    "partners of another kind": (WHOLE.replace(b'{"auth_id": "PA_1"}', b"7"), "it is damaged: it has no partners"),
}


@pytest.mark.parametrize("name", list(UNUSABLE))
def test_an_unusable_file_is_put_aside_whole_and_told_once(
    name: str, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    content, problem = UNUSABLE[name]
    path.write_bytes(content)
    with opened(path, "acme") as state:
        assert state.entry("acme") is None
        state.save("acme", {"auth_id": "PA_9"})
    aside = path.with_name(f"state.json.unusable-{int(NOW)}")
    assert aside.read_bytes() == content
    assert told(caplog) == ["state file unusable, counters start afresh"]
    fields = vars(caplog.records[0])
    assert (fields["path"], fields["problem"], fields["put_aside_as"]) == (str(path), problem, str(aside))
    with opened(path, "acme") as state:
        assert state.entry("acme") == {"auth_id": "PA_9"}


def test_what_was_put_aside_before_is_not_overwritten(path: Path) -> None:
    for content in (b"first", b"second", b"third"):
        path.write_bytes(content)
        with opened(path, "acme"):
            pass
    aside = sorted(path.parent.glob("state.json.unusable-*"))
    assert [file.read_bytes() for file in aside] == [b"first", b"second", b"third"]


def test_a_directory_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StateError) as caught, opened(path, "acme"):
        pass
    assert str(caught.value) == (f"state.path {path}: Is a directory; make it readable for this user, or move it away")


def test_a_second_open_in_one_process_is_refused_while_the_first_lasts(path: Path) -> None:
    with opened(path, "acme"):
        with pytest.raises(StateError) as caught, opened(path, "acme"):
            pass
        assert str(caught.value) == (
            f"state.path {path}: another vobiz-exporter uses it; give each daemon a state file of its own"
        )
    with opened(path, "acme"):
        pass


def test_a_partner_no_longer_configured_is_kept_for_thirty_days(path: Path) -> None:
    with opened(path, "acme", "gone") as state:
        state.save("gone", {"auth_id": "PA_2"})
        state.save("acme", {"auth_id": "PA_1"})
    with opened(path, "acme", now=NOW) as state:
        state.save("acme", {"auth_id": "PA_1"})
    with opened(path, "acme", now=NOW + ABANDONED_AFTER) as state:
        state.save("acme", {"auth_id": "PA_1"})
        assert state.entry("gone") == {"auth_id": "PA_2", "unconfigured_since": NOW}
    with opened(path, "acme", now=NOW + ABANDONED_AFTER + 1) as state:
        assert state.entry("gone") is None
        state.save("acme", {"auth_id": "PA_1"})
    assert list(json.loads(path.read_bytes())["partners"]) == ["acme"]


def test_a_partner_that_comes_back_in_time_goes_on_and_its_days_start_anew(path: Path) -> None:
    with opened(path, "acme", "gone") as state:
        state.save("gone", {"auth_id": "PA_2"})
    for configured, now in ((["acme"], NOW), (["acme", "gone"], NOW + 86400), (["acme"], NOW + 50 * 86400)):
        with opened(path, *configured, now=now) as state:
            assert state.entry("gone") is not None
            state.save("acme", {"auth_id": "PA_1"})
    with opened(path, "acme", now=NOW + 51 * 86400) as state:
        assert state.entry("gone") == {"auth_id": "PA_2", "unconfigured_since": NOW + 50 * 86400}


def test_many_threads_save_at_once_and_share_writes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"partner-{n}" for n in range(24)]
    start, renames = threading.Barrier(len(names)), []
    rename = Path.replace

    def counted(self: Path, target: Path) -> Path:
        renames.append(target)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", counted)
    with opened(path, *names) as state:

        def work(name: str) -> None:
            start.wait()
            for n in range(20):
                state.save(name, {"n": n})
                assert _on_disk(path)[name]["n"] >= n

        threads = [threading.Thread(target=work, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert _on_disk(path) == {name: {"n": 19} for name in names}
    assert len(renames) < len(names) * 20


def test_saving_tells_nothing_in_the_log(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with opened(path, "acme") as state:
        state.save("acme", {})
    assert told(caplog) == []


def _on_disk(path: Path) -> dict[str, Any]:
    partners: dict[str, Any] = json.loads(path.read_bytes())["partners"]
    return partners
