"""The team's own code, without a key, through `gpuvoice proxy`, which wakes the stack."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import TimeoutError as PageTimedOut

from config.release import SlotName
from tests import web
from tests.e2e.conftest import find_chromium
from tests.e2e.consumers.chromium import Seen, opened
from tests.e2e.consumers.proxies import Proxied, running_proxy
from tests.e2e.consumers.sites import EXAMPLES, served
from tests.e2e.consumers.team_page import durations, open_page, press, said
from tests.emulator.children import ROOT
from tests.emulator.run import power
from tests.emulator.run.calls import TEXT, seconds
from tests.emulator.run.report import StepFailed, require
from tests.emulator.run.sleeping import call_by_script
from tests.emulator.run.stage import Stage

LEAST_SECONDS = 1.0


def environment(stage: Stage, key: str) -> dict[str, str]:
    """Where the client finds the stack, with the authority of its certificate; and the key."""
    path = filter(None, [str(ROOT / "client"), stage.environment.get("PYTHONPATH")])
    return {
        **stage.environment,
        "TTS_SERVER_URL": f"{stage.emulator.https}/tts",
        "WHISPER_URL": f"{stage.emulator.https}/whisperx",
        "TTS_API_KEY": key,
        "PYTHONPATH": os.pathsep.join(path),
    }


def wake(stage: Stage, key: str, slot: SlotName) -> str:
    """A script and a page of another origin call the sleeping stack at the same time, and both are
    served. Gives a note."""
    folder = stage.log.parent
    own = environment(stage, key)
    with running_proxy(folder, own) as proxy, _page(stage, proxy) as seen:
        asleep = power.counts(stage, slot)
        require(asleep == power.OFF, f"Health checks woke it: {asleep}.")
        with ThreadPoolExecutor(1) as threads:
            url = f"{proxy.speech}/generate_batch"
            script = threads.submit(call_by_script, stage, url, power.START_SECONDS)
            if seen is not None:
                _press_and_wait(seen, key)
            _check_script(script, key)
        calls = _calls(proxy)
        require(key not in proxy.log.read_text(encoding="utf-8"), "The proxy printed its key.")
    shortest = min(call["seconds"] for call in calls)
    require(
        {call["state"] for call in calls} == {"done"} and len(calls) == (2 if seen else 1),
        f"The proxy says: {calls}",
    )
    require(power.counts(stage, slot) == power.ON, "It answered, and is off.")
    return f"{len(calls)} calls, neither with a key; each waited {shortest:.0f} s or more"


@contextmanager
def _page(stage: Stage, proxy: Proxied) -> Iterator[Seen | None]:
    """The team's page, open; None where there is no browser, which CI has to have."""
    program, advice = find_chromium()
    if advice:
        require(not os.environ.get("CI"), f"CI is set and a tool is missing: {advice}")
        stage.report.note(f"the script alone, without the page: {advice}")
        yield None
        return
    with served(EXAMPLES) as origin, opened(program) as seen:
        server = open_page(seen, origin, proxy.speech)
        require("will be started" in server, f"Of the sleeping server the page says: {server}")
        yield seen


def _press_and_wait(seen: Seen, key: str) -> None:
    press(seen, TEXT)
    try:
        answer = said(seen, power.START_SECONDS)
    except PageTimedOut:
        raise StepFailed("The page got no answer in time.") from None
    require(answer == "Done.", f"The page says: {answer}")
    lengths = durations(seen)
    require(len(lengths) == 1 and lengths[0] > LEAST_SECONDS, f"The page plays {lengths} s.")
    require(key not in seen.texts(), "The page was given the key.")


def _check_script(script: Future[dict[str, Any]], key: str) -> None:
    result = script.result()
    require(
        result["ok"] and result["data"]["success"], f"The script got {json.dumps(result)[:300]}"
    )
    (sound,) = result["data"]["audios"]
    length = seconds(base64.b64decode(sound))
    require(length > LEAST_SECONDS, f"That is {length:.1f} s of speech.")
    require(key not in json.dumps(result), "The script was given the key.")


def _calls(proxy: Proxied) -> list[dict[str, Any]]:
    answer = web.get(f"{proxy.console}/api/status", trust_env=False, timeout=10).json()
    found: list[dict[str, Any]] = answer["calls"]
    return [call for call in found if call["call"] == "/generate_batch"]
