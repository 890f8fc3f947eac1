"""Killed three times at random, a narration ends as one that nobody disturbed, and nothing that
was kept is made twice."""

from __future__ import annotations

import json
import logging
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.narration.options import NARRATION
from tests.client.narration.crashes import (
    content,
    done_calls,
    idle,
    kept_clips,
    kill_server,
    start,
    word_times,
)
from tests.patience import until
from tests.servers import Running, running_servers

log = logging.getLogger(__name__)
# All 47 take a minute and a half on two busy cores, twice.
SEGMENTS = 12
PARALLEL = 4
MORE = ("--verify", "0.1", "--parallel", str(PARALLEL))


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """True ones of its own: they are killed here."""
    with running_servers(tmp_path_factory.mktemp("killed"), {}) as running:
        yield running


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = json.loads(NARRATION.read_text(encoding="utf-8"))
    path = tmp_path_factory.mktemp("script") / "talk.json"
    path.write_text(json.dumps({**data, "segments": data["segments"][:SEGMENTS]}))
    return path


@pytest.fixture(scope="module")
def undisturbed(servers: Running, script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results that were made in one go."""
    folder = tmp_path_factory.mktemp("calm") / "out"
    calm = start(servers, script, folder, *MORE)
    said = calm.communicate(timeout=250)
    assert calm.returncode in (0, 8), said
    return folder


def test_three_kills_change_nothing_in_the_result(
    servers: Running,
    script: Path,
    undisturbed: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "out"
    before = len(done_calls(servers))
    seed = random.randrange(2**32)
    points = sorted(random.Random(seed).sample(range(1, SEGMENTS - PARALLEL), 3))

    first = start(servers, script, folder, *MORE)
    until(lambda: len(kept_clips(folder)) >= points[0], 120)
    first.send_signal(signal.SIGINT)
    talk = first.communicate(timeout=20)[1]
    assert first.returncode == 130, talk
    assert "the same command goes on from here" in talk
    assert "Traceback" not in talk
    kept = kept_clips(folder)
    # What was under way is dropped by the servers, since the connections are closed.
    until(lambda: idle(servers.tts) and idle(servers.whisperx), 30)

    second = start(servers, script, folder, *MORE)
    until(lambda: len(kept_clips(folder)) >= points[1], 120)
    second.kill()
    second.communicate()
    kept |= _all_still(kept, folder)

    third = start(servers, script, folder, *MORE)
    until(lambda: len(kept_clips(folder)) >= points[2], 120)
    kill_server(servers.tts)
    kill_server(servers.whisperx)
    kept |= _all_still(kept, folder)
    talk = third.communicate(timeout=200)[1]
    assert third.returncode in (0, 8), talk

    assert _all_still(kept, folder).keys() == {f"s{n:02d}" for n in range(1, SEGMENTS + 1)}
    assert content(folder) == content(undisturbed)
    for mine, calm in zip(word_times(folder), word_times(undisturbed), strict=True):
        assert mine == pytest.approx(calm, abs=0.15)
    made = Counter(done_calls(servers)[before:])["/generate"]
    log.info("seed %d: killed at %s kept clips, %d made for %d", seed, points, made, SEGMENTS)
    takes = json.loads((undisturbed / "report.json").read_text())["takes"]
    # Each kill may cost the clips that were under way.
    assert takes - PARALLEL <= made <= takes + 3 * PARALLEL, seed

    again = start(servers, script, folder, *MORE)
    assert again.wait(60) == third.returncode
    again.communicate()
    assert Counter(done_calls(servers)[before:])["/generate"] == made
    assert content(folder) == content(undisturbed)


def _all_still(kept: dict[str, tuple[int, int]], folder: Path) -> dict[str, tuple[int, int]]:
    """What is kept now; all that was kept before is still the same file."""
    now = kept_clips(folder)
    assert {name: now.get(name) for name in kept} == kept, "a kept clip was made again"
    return now
