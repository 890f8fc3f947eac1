"""`python -m operate.image COMMAND`: what `make weights`, `make image` and `make push` run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from config.settings import ConfigError
from operate.cdk import ROOT
from operate.failures import CommandError
from operate.image.build import build, checked_tag, revision
from operate.image.docker import Docker
from operate.image.push import checked_repository, push, repository_of
from operate.image.recipe import TORCH, Recipe
from operate.image.weights import get_weights

VOICE = ROOT / "containers/voice"
# The hub's command comes with the servers' packages.
HUB = Path(sys.executable).parent / "hf"


def main() -> int:
    given = _parser().parse_args()
    try:
        print(f"make {given.command}: {_run(given)}", flush=True)
    except (CommandError, ConfigError) as error:
        print(f"make {given.command}: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"make {given.command}: AWS refused or did not answer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"make {given.command}: interrupted; the same command goes on.", file=sys.stderr)
        return 130
    return 0


def _run(given: argparse.Namespace) -> str:
    if given.command == "weights":
        languages = [code for code in given.languages.replace(",", " ").split() if code]
        return get_weights(
            VOICE, HUB, languages=languages, accept=given.accept, record=given.record
        )
    tag = checked_tag(given.tag, f"make {given.command} TAG=qwen3-v2.1")
    recipe = Recipe(VOICE, tag, given.set, given.base, given.revision or revision(ROOT))
    if given.command == "image":
        return build(Docker(), recipe)
    known = checked_repository(given.repository) if given.repository else None
    return push(known or repository_of(given.env), recipe)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operate.image", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    weights = commands.add_parser("weights", help="the models into the build context")
    weights.add_argument("--languages", default="", help="more alignment models: de,fr")
    weights.add_argument("--accept", default="", help="a licence that binds: cc-by-nc-4.0")
    weights.add_argument("--record", action="store_true", help="write checksums that are unknown")
    image = commands.add_parser("image", help="build the image here")
    pushed = commands.add_parser("push", help="push it")
    for command in (image, pushed):
        command.add_argument("--tag", default="", help="tag of the image")
        command.add_argument("--set", default="gpu", choices=TORCH, help="set of packages")
        command.add_argument("--base", default="", help="another base image")
        command.add_argument("--revision", default="", help="the commit, where there is no git")
    pushed.add_argument("--env", default="dev", help="environment whose repository it is")
    pushed.add_argument("--repository", default="", help="its URI, where no stack is asked")
    return parser


if __name__ == "__main__":
    sys.exit(main())
