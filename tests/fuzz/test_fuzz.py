"""What must hold whatever is read, tried on inputs near those that are usual: short, and the same each time.

``make fuzz`` tries millions, guided by coverage.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.campaign import result_of
from tests.fuzz.target import Target
from tests.fuzz.targets import NAMES, load
from tests.rig.examples import examples

EXAMPLES = 200


@pytest.fixture(params=NAMES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    found = load(request.param, tmp_path)
    yield found
    found.close()


@st.composite
def near(draw: st.DrawFn, target: Target) -> bytes:
    """A seed in which some places are something else: words of the format, or any bytes."""
    data = bytearray(draw(st.sampled_from(target.seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        end = at + draw(st.integers(0, 24))
        data[at:end] = draw(st.sampled_from(target.words) | st.binary(max_size=4))
    return bytes(data)


def test_it_holds_for_every_seed(target: Target) -> None:
    for seed in target.seeds:
        target.check(seed)


def test_it_holds_for_inputs_near_the_seeds(target: Target) -> None:
    @examples(EXAMPLES)
    @given(near(target))
    def check(data: bytes) -> None:
        target.check(data)

    check()


def test_one_input_can_be_tried_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "input"
    file.write_bytes(b"120\n")
    assert main(["texts", f"--input={file}"]) == 0
    assert capsys.readouterr().out == f"texts: {file} does no harm\n"


def test_the_result_is_read_from_what_the_fuzzer_prints() -> None:
    done = result_of("#2\tINITED cov: 3 ft: 3\n#70\tDONE   cov: 25 ft: 31 corp: 9/1b\n\nDone 70 runs in 2 second(s)\n")
    broken = result_of(
        "#9\tNEW    cov: 30 ft: 40\n=== Uncaught Python exception: ===\nTest unit written to ./crash-1\n"
    )
    assert (done.inputs, done.seconds, done.edges, done.finding) == (70, 2, 25, None)
    assert (broken.inputs, broken.edges, broken.finding) == (9, 30, Path("crash-1"))


def test_a_fuzzer_that_did_not_run_is_no_success() -> None:
    with pytest.raises(RuntimeError, match="did not run:\nNo module named atheris"):
        result_of("No module named atheris")
