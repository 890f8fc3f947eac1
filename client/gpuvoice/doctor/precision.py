"""In which number formats the models compute. The servers tell card and family; the formats follow
from the card's compute capability, as docs/gpu.md has them."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from gpuvoice.doctor.finding import Finding, ok, skipped, warn
from gpuvoice.doctor.servers import Seen
from gpuvoice.doctor.settings import on_this_machine

# Cards with compute capability 7: half precision, and no bfloat16. Newer ones have both.
WITHOUT_BFLOAT16 = ("T4", "V100", "TITAN V", "GEFORCE RTX 20", "GTX 16", "QUADRO RTX")
OLD_CARD = {
    "speech": "float16, its code predictor float32",
    "recognition": "float16",
}
NEW_CARD = {"speech": "bfloat16, its wave decoder float32", "recognition": "float16"}
NO_CARD = {"speech": "float32", "recognition": "int8"}


def check_precision(both: tuple[Seen, Seen]) -> Iterator[Finding]:
    for seen in both:
        check = f"precision, {seen.name} server"
        if seen.answers:
            yield _of(check, seen)
        else:
            yield skipped(check, "the server does not answer")
    cards = {str(seen.told.get("gpu_name")) for seen in both if seen.told.get("gpu_name")}
    if len(cards) > 1:
        yield warn(
            "card", f"the servers are on different cards: {' and '.join(sorted(cards))}",
            "Both run in one task on one card: are both URLs of the same deployment?",
        )  # fmt: skip


def formats(name: str, gpu_name: str) -> str:
    """Formats of a server's model on a card, by its name; "" stands for a CPU."""
    if not gpu_name:
        return NO_CARD[name]
    old = any(each in gpu_name.upper() for each in WITHOUT_BFLOAT16)
    return (OLD_CARD if old else NEW_CARD)[name]


def _of(check: str, seen: Seen) -> Finding:
    family, device = seen.told.get("family"), seen.told.get("device")
    model, card = seen.told.get("model"), str(seen.told.get("gpu_name") or "")
    told = f"{model} on {card or device}"
    if family == "cuda":
        found = f"{told}: {formats(seen.name, card)}"
        if card:
            return ok(check, found)
        return warn(
            check, found, "It runs without its GPU: the server's log says why (docs/gpu.md)."
        )
    if family == "cpu":
        found = f"{told}: the small models, without a GPU"
    elif family == "clock":
        found = f"{told}: no model, it answers with a tone"
    else:
        return ok(check, f"{told}: a server of your own chooses its formats")
    if on_this_machine(httpx.URL(seen.url).host):
        return ok(check, found)
    return warn(check, found, "For the large voices deploy with servers.engine: cuda.")
