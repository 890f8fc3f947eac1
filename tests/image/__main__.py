"""`python -m tests.image`: what `make image-test` runs."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from operate.failures import CommandError
from operate.image.docker import Docker
from operate.image.layers import layers, table
from operate.image.recipe import Recipe
from tests.image.base import make_base
from tests.image.box import box, seconds_until
from tests.image.calls import check_calls
from tests.image.context import make_context
from tests.image.contract import check_contract
from tests.image.engine import engine
from tests.image.inside import check_inside
from tests.image.layering import check_layers
from tests.image.life import check_failed_start, check_health, check_restart, check_stop
from tests.image.report import Report

KIND = "models-cpu"
READY_SECONDS = 300
NO_VOICE = {"VOICE_TTS_MODEL": "/models/absent"}
OPEN_DOOR = {"VOICE_HOST": "0.0.0.0"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="image-test", description=__doc__)
    parser.add_argument("--base", help="image to build on, instead of one of Debian's packages")
    given = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="image-test-"))
    report = Report()
    try:
        megabytes = _run(report, folder, given.base)
    except CommandError as error:
        report.say(f"make image-test failed: {error}")
        return 1
    except KeyboardInterrupt:
        report.say("make image-test was interrupted.")
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(
        f"{report.summary()}\nmake image-test: an image of {megabytes:,.0f} MB (set {KIND}, small "
        f"checkpoints), built and tried in {report.seconds:.0f} s.\n"
    )
    return 1 if report.failed else 0


def _run(report: Report, folder: Path, base: str | None) -> float:
    """The size of the image in MB."""
    with engine(folder) as docker:
        if base is None:
            with report.step("A base of Debian's packages"):
                base = make_base(docker, folder)
        with report.step("Sources, small checkpoints and a torch for the CPU"):
            context = make_context(folder, KIND)
        recipe = Recipe(context, f"test-{folder.name}", KIND, base, host_network=True)
        try:
            with report.step("The image"):
                docker("build", "--quiet", "--tag", recipe.name, *recipe.arguments())
            found = layers(docker, recipe.name)
            for line in table(found):
                report.say(line)
            _try(report, docker, recipe.name)
            check_layers(report, docker, recipe, found)
        finally:
            docker.tries("rmi", "--force", recipe.name)
    return sum(layer.bytes for layer in found) / 1e6


def _try(report: Report, docker: Docker, image: str) -> None:
    with box(docker, image, {}) as running:
        took = seconds_until(lambda: running.ready() or not running.running(), READY_SECONDS)
        good = took is not None and running.running()
        report.check("both servers become ready", good, f"{took} s")
        if not good:
            report.say(running.log()[-3000:])
            return
        check_contract(report, running)
        check_calls(report, running)
        check_inside(report, running)
        check_health(report, running)
        check_restart(report, running)
        check_stop(report, running)
    check_failed_start(
        report, docker, image, "a model that is not there", NO_VOICE, "/models/absent"
    )
    check_failed_start(report, docker, image, "an open door without keys", OPEN_DOOR, "VOICE_KEYS")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
