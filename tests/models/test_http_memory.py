"""A batch larger than the device's memory is answered in full, and the server remembers."""

from __future__ import annotations

from pathlib import Path

from tests.models.log_lines import metric
from tests.models.one_server import one_server
from tests.models.serving import alike, ask
from tests.models.short_of_memory import ROWS
from tests.models.variables import with_models
from tests.patience import until

TEXTS = [f"Text number {n}." for n in range(6)]


def test_short_of_memory_the_answer_is_whole_and_the_next_batch_is_smaller(
    models: Path, tmp_path: Path
) -> None:
    settings = {**with_models(models), "VOICE_METRICS_SECONDS": "1"}
    with one_server(tmp_path, settings, "tests.models.short_of_memory:tts()") as server:
        until(server.ready, 120)
        url = f"{server.url}/generate_batch"
        first = ask(url, {"texts": TEXTS, "seed": 1})
        assert len(first["audios"]) == len(TEXTS)
        until(lambda: len(metric(server.log, "OutOfMemory")) > 0)
        short = len(metric(server.log, "OutOfMemory"))
        again = ask(url, {"texts": TEXTS, "seed": 1})
        assert all(alike(a, b) for a, b in zip(first["audios"], again["audios"], strict=True))
        lines = len(metric(server.log, "BatchRows"))
        until(lambda: len(metric(server.log, "BatchRows")) > lines + 1)
        assert len(metric(server.log, "OutOfMemory")) == short
        assert 1 <= metric(server.log, "BatchRows")[-1] <= ROWS
