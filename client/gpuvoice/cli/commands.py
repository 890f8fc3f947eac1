"""All commands, in the order of the help; their modules are imported when they are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """`where` is MODULE:NAME; `summary` is the first sentence of the command's own help."""

    where: str
    summary: str


SECTIONS: dict[str, dict[str, Entry]] = {
    "Work": {
        "say": Entry("gpuvoice.cli.say:say", "Speak a text into a file, or aloud."),
        "transcribe": Entry("gpuvoice.cli.transcribe:transcribe", "Write down what is said."),
        "align": Entry("gpuvoice.cli.align:align", "Find when each word of a text is said."),
        "narrate": Entry(
            "gpuvoice.cli.narrate:narrate",
            "Speak, verify, align and subtitle a whole presentation.",
        ),
        "jobs": Entry(
            "gpuvoice.cli.jobs:jobs",
            "Look after jobs: batches that a server works off by itself.",
        ),
    },
    "The GPU": {
        "up": Entry("gpuvoice.cli.up:up", "Start the GPU and wait until it is on."),
        "down": Entry("gpuvoice.cli.down:down", "Stop the GPU as soon as nothing is under way."),
        "status": Entry("gpuvoice.cli.status:status", "Show how far it is, and what it costs."),
        "lease": Entry("gpuvoice.cli.lease:lease", "Keep the GPU on for some hours."),
        "cost": Entry("gpuvoice.cli.cost:cost", "Estimate what a deployment costs a month."),
    },
    "This machine": {
        "proxy": Entry(
            "gpuvoice.cli.proxy:proxy", "Put the servers on localhost, with a console page."
        ),
        "config": Entry("gpuvoice.cli.config:config", "Say which servers are meant."),
        "doctor": Entry(
            "gpuvoice.cli.doctor:doctor", "Find out what is wrong, and how to mend it."
        ),
        "completion": Entry(
            "gpuvoice.cli.completion:completion", "Print what makes TAB complete commands."
        ),
    },
}
COMMANDS = {name: entry for section in SECTIONS.values() for name, entry in section.items()}
