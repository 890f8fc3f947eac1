"""`python -m operate COMMAND --env NAME`: what `make deploy`, `make swap`, `make key` ... run."""

from __future__ import annotations

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from config.settings import ConfigError
from operate import deploy, key, release, synth
from operate.cloud_build.command import image_cloud
from operate.failures import CommandError
from operate.verify.before_swap import check_verified
from operate.verify.command import MINUTES, verify


def main() -> int:
    given = _parser().parse_args()
    try:
        print(_run(given), file=sys.stderr, flush=True)
    except (CommandError, ConfigError) as error:
        print(f"{given.command}: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"{given.command}: AWS refused or did not answer: {error}", file=sys.stderr)
        return 1
    except EOFError:
        print(f"{given.command}: nobody is there to answer; YES=yes asks nothing", file=sys.stderr)
        return 1
    return 0


def _run(given: argparse.Namespace) -> str:
    environment: str = getattr(given, "env", "")
    match given.command:
        case "synth":
            return synth.synth(given.only)
        case "deploy":
            return deploy.deploy(environment, force=given.force, approve=given.yes)
        case "bootstrap":
            return deploy.bootstrap(environment)
        case "diff":
            return deploy.diff(environment, force=given.force)
        case "destroy":
            return deploy.destroy(environment, approve=given.yes)
        case "image-cloud":
            return image_cloud(environment, given.tag)
        case "release":
            return release.release(environment, given.tag)
        case "swap":
            note = "Nothing was verified." if given.force else check_verified(environment)
            return f"{note}\n{release.swap(environment)}"
        case "verify-slot":
            return verify(environment, minutes=given.minutes, url=given.url)
        case "rollback":
            return release.rollback(environment)
    if given.revoke:
        return key.revoke(environment, given.name)
    clear, said = key.make(environment, given.name, given.queue_items)
    print(clear, flush=True)
    return said


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="operate", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    words = {
        "synth": "write the templates of all environments and check them",
        "bootstrap": "prepare an account and region, once",
        "deploy": "deploy all stacks",
        "diff": "show what a deploy would change",
        "destroy": "delete all stacks",
        "image-cloud": "build this commit's image in AWS and push it",
        "release": "give the idle slot an image tag",
        "verify-slot": "send the golden set through the idle slot",
        "swap": "make the idle slot live",
        "rollback": "take the last swap back",
        "key": "make, renew or end an API key",
    }
    each = {name: commands.add_parser(name, help=text) for name, text in words.items()}
    each["synth"].add_argument("only", nargs="*", metavar="NAME", help="these instead of all")
    for command in (each[name] for name in words if name != "synth"):
        command.add_argument("--env", default="dev", help="environment (default: dev)")
    for name in ("deploy", "diff"):
        each[name].add_argument(
            "--force", action="store_true", help="allow a change of the live slot"
        )
    each["swap"].add_argument("--force", action="store_true", help="without a verification")
    slot = each["verify-slot"]
    slot.add_argument(
        "--minutes", type=float, default=MINUTES, help="how long it may take to start (default: 40)"
    )
    slot.add_argument("--url", help="the load balancer, where it is not reached by the stack's Url")
    for name in ("deploy", "destroy"):
        each[name].add_argument("--yes", action="store_true", help="ask nothing")
    each["release"].add_argument("--tag", required=True, help="tag of the pushed image")
    each["image-cloud"].add_argument("--tag", required=True, help="tag that the image gets")
    each["key"].add_argument("--name", required=True, help="whose key it is")
    each["key"].add_argument(
        "--queue-items", type=int, help="most pieces of work that may wait for this key"
    )
    each["key"].add_argument("--revoke", action="store_true", help="end all keys of this name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
