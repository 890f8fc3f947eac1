"""`make weights`: the models into the build context, each file compared with the record."""

from __future__ import annotations

import dataclasses
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from operate.failures import CommandError
from operate.image.checksums import CACHE, DATE, faults, measured, present, seal
from operate.image.hub import commit_of, fetch
from operate.image.record import Weights, chosen, load_record, save_record
from operate.image.sentences import write_sentences

RECORD = "weights.json"
# Beside the files themselves: the builder's copy of the context.
SPARE_BYTES = 500_000_000


def get_weights(
    voice: Path, hub: Path, *, languages: Sequence[str] = (), accept: str = "", record: bool = False
) -> str:
    """Fill `voice`/models. `hub` is the hub's command. Raises CommandError; asked again, it takes
    up what is there."""
    known = load_record(voice / RECORD)
    folders = chosen(known, list(languages), accept)
    for folder in folders:
        if not known[folder].recorded and not record:
            raise CommandError(
                f"no checksums are recorded for {known[folder].model}. RECORD=yes downloads it and "
                f"writes them into containers/voice/{RECORD}: look at them before you commit them."
            )
    wanted = [name for name in folders if any(faults(voice / "models" / name, known[name]))]
    _check_space(voice, sum(known[name].bytes for name in wanted))
    for name in folders:
        known[name] = _one(voice, hub, name, known[name], whole=name not in wanted)
    if record:
        save_record(voice / RECORD, known)
    _tidy(voice / "models", folders)
    size = sum(known[name].bytes for name in folders) / 1e9
    return (
        f"{size:.2f} GB of weights in containers/voice/models, every checksum right: "
        + ", ".join(f"{known[name].model} ({known[name].licence})" for name in folders)
    )


def check_weights(voice: Path) -> None:
    """Raise CommandError unless models/ holds what the record says and nothing else."""
    known, models = load_record(voice / RECORD), voice / "models"
    found = [name for name in known if (models / name).exists()]
    for name in dict.fromkeys(("tts", "asr", "align/en", *found)):
        if not known[name].recorded:
            raise CommandError(f"models/{name} is in no record: make weights RECORD=yes.")
        for fault in faults(models / name, known[name]):
            raise CommandError(f"models/{name}: {fault}. make weights puts it right.")
    _check_strangers(models, known)


def _check_strangers(models: Path, known: dict[str, Weights]) -> None:
    allowed = {"nltk", *(name.split("/")[0] for name in known)}
    inside = [f"align/{path.name}" for path in (models / "align").iterdir()]
    top = [path.name for path in models.iterdir() if path.name not in allowed]
    for name in (*top, *(name for name in inside if name not in known)):
        raise CommandError(f"models/{name} is in no record: take it away, or record it.")


def _one(voice: Path, hub: Path, name: str, weights: Weights, *, whole: bool) -> Weights:
    folder = voice / "models" / name
    if whole and weights.recorded:
        seal(folder, weights)
        return weights
    print(f"{weights.model} ({weights.licence}) ...", file=sys.stderr, flush=True)
    _drop_wrong(folder, weights)
    fetch(hub, weights, folder)
    if not weights.recorded:
        weights = _recorded(folder, weights)
    for fault in faults(folder, weights):
        raise CommandError(
            f"{weights.model}: {fault}. Nothing is built from it. Ask again; if it stays so, the "
            "hub or something on the way gives other bytes than those that were recorded."
        )
    shutil.rmtree(folder / CACHE, ignore_errors=True)
    seal(folder, weights)
    return weights


def _recorded(folder: Path, weights: Weights) -> Weights:
    commit = weights.revision or commit_of(folder)
    if commit is None:
        raise CommandError(f"the hub names no single commit for {weights.model}; nothing recorded.")
    files = {name: measured(file) for name, file in sorted(present(folder).items())}
    print(f"Recorded {len(files)} files of {weights.model} at {commit}.", file=sys.stderr)
    return dataclasses.replace(weights, revision=commit, files=files)


def _drop_wrong(folder: Path, weights: Weights) -> None:
    """The downloader would keep a whole file that is there, right or wrong."""
    for name, file in present(folder).items():
        if weights.files is not None and measured(file) != weights.files.get(name):
            file.unlink()
            (folder / CACHE / "huggingface/download" / f"{name}.metadata").unlink(missing_ok=True)


def _check_space(voice: Path, needed: int) -> None:
    free = shutil.disk_usage(voice).free
    if needed and free < needed + SPARE_BYTES:
        raise CommandError(
            f"the weights need {needed / 1e9:.1f} GB and {free / 1e9:.1f} GB are free here."
        )


def _tidy(models: Path, folders: Sequence[str]) -> None:
    """Sentence rules, one date for all folders that everybody may read, and no language of an
    earlier choice."""
    write_sentences(models / "nltk")
    for path in (models / "align").iterdir():
        if f"align/{path.name}" not in folders:
            shutil.rmtree(path)
    for path in (*(models / "nltk").rglob("*"), models / "nltk", models / "align", models):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (DATE, DATE))
