"""`python -m tests.e2e.consumers.default_urls FOLDER`: servers with a key on ports of their own,
the proxy at localhost:5000 and :5001, and the team's script, which is told nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.conftest import SECRET_HASH
from tests.e2e.consumers.proxies import PORTS, clean_environment, running_proxy
from tests.e2e.consumers.sites import EXAMPLES
from tests.e2e.samples import SECRET
from tests.emulator.children import ROOT, end_with_parent
from tests.servers import running_servers

NUMBERS = (5000, 5001, 8080)
NARRATION = ROOT / "examples" / "narration.json"
RUN_SECONDS = 400


def narrate(folder: Path) -> int:
    """The script's status; what it wrote is in `out`, what it said in `said`."""
    node = shutil.which("node")
    assert node is not None
    nowhere = folder / "nowhere"
    nowhere.mkdir()
    with running_servers(folder, {"VOICE_KEYS": f"team=sha256:{SECRET_HASH}"}) as servers:
        environment = {
            **clean_environment(),
            "TTS_SERVER_URL": servers.tts,
            "WHISPER_URL": servers.whisperx,
            "TTS_API_KEY": SECRET,
        }
        ports = dict(zip(PORTS, NUMBERS, strict=True))
        with (
            running_proxy(folder, environment, ports=ports),
            (folder / "said").open("wb") as said,
        ):
            return subprocess.run(
                [node, str(EXAMPLES / "narrate.mjs"), str(NARRATION), str(folder / "out")],
                cwd=nowhere,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=RUN_SECONDS,
                check=False,
                preexec_fn=end_with_parent,
            ).returncode


if __name__ == "__main__":
    sys.exit(narrate(Path(sys.argv[1])))
