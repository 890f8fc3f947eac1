"""The team's Node scripts, stood in for by axios_client.mjs: one run a scenario."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).resolve().parent / "axios_client.mjs"
RUN_SECONDS = 240
LEFT_OUT = ("TTS_SERVER_URL", "WHISPER_URL", "TTS_API_KEY")


def run_script(
    node: str,
    folder: Path,
    scenario: str,
    *,
    config: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    **task: Any,
) -> dict[str, Any]:
    """Run a scenario in a folder with this server_config.json; returns its named results."""
    if config is not None:
        (folder / "server_config.json").write_text(json.dumps(config), encoding="utf-8")
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in LEFT_OUT and not name.lower().endswith("_proxy")
    }
    done = subprocess.run(
        [node, str(CLIENT)],
        cwd=folder,
        env={**inherited, **(environment or {})},
        input=json.dumps({"scenario": scenario, **task}),
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: dict[str, Any] = json.loads(done.stdout)
    return results
