"""Edit the release file: a tag for the idle slot, a swap, the way back."""

from __future__ import annotations

from config.release import RollbackTo, SlotRelease, load_release, release_file, save_release
from config.settings import load_settings, validated
from operate.cdk import shown
from operate.failures import CommandError


def release(environment: str, tag: str) -> str:
    """Give the idle slot a tag. Raises CommandError, or ConfigError for a tag that is none."""
    if not tag:
        raise CommandError(f"say which image: make release TAG=qwen3-v2.2 ENV={environment}.")
    state = load_release(environment)
    idle = state.idle
    if state.slots[idle].tag == tag:
        raise CommandError(f"{idle} has the tag {tag} already; there is nothing to release.")
    lost = state.rollback is not None and state.rollback.slot == idle
    new = validated(SlotRelease, {"tag": tag, "settings": state.slots[idle].settings}, "TAG")
    slots = {**state.slots, idle: new}
    back = None if lost else state.rollback
    save_release(environment, state.model_copy(update={"slots": slots, "rollback": back}))
    warning = (
        f"\n{idle} held the way back to {state.rollback.tag}; make rollback is over."
        if lost and state.rollback
        else ""
    )
    return (
        f"{idle}, which is idle in {environment}, gets {tag}; {state.active} stays live with "
        f"{state.slots[state.active].tag}.{warning}\n"
        + review(environment, f"one replaced task definition, of {idle}")
    )


def swap(environment: str) -> str:
    """Make the idle slot the live one."""
    state = load_release(environment)
    before, after = state.active, state.idle
    back = RollbackTo(slot=before, tag=state.slots[before].tag)
    save_release(
        environment,
        state.model_copy(update={"active": after, "trial_percent": 0, "rollback": back}),
    )
    own = state.slots[after].settings
    return (
        f"{after} with {state.slots[after].tag} becomes live in {environment}; {before} keeps "
        f"{back.tag} for a rollback. {after} must run and be warm before the deploy.\n"
        + (
            f"When it has proved itself, move slots.{after}.settings to the environment's file.\n"
            if own
            else ""
        )
        + review(environment, moved(environment))
    )


def rollback(environment: str) -> str:
    """Make the slot live that was so before the last swap. Raises CommandError."""
    state = load_release(environment)
    back = state.rollback
    if back is None or back.slot == state.active:
        raise CommandError(
            f"There is no swap in {environment} to take back. To put an older image live, make "
            f"release TAG=... ENV={environment}, then make swap."
        )
    if state.slots[back.slot].tag != back.tag:
        raise CommandError(
            f"{back.slot} ran {back.tag} then and has {state.slots[back.slot].tag} now. Make "
            f"release TAG={back.tag} ENV={environment}, then make swap."
        )
    save_release(
        environment,
        state.model_copy(update={"active": back.slot, "trial_percent": 0, "rollback": None}),
    )
    return f"{back.slot} with {back.tag} becomes live again in {environment}.\n" + review(
        environment, moved(environment)
    )


def moved(environment: str) -> str:
    """What a swap changes."""
    pool = " and the warm pool with its hook" if warm_pool(environment) else ""
    return f"the weights of four listener rules, the output ActiveSlot{pool}"


def warm_pool(environment: str) -> bool:
    return load_settings(environment).capacity.warm_pool


def review(environment: str, expected: str) -> str:
    """What to look at before the deploy."""
    return (
        f"Review: git diff {shown(release_file())}; make diff ENV={environment} must show "
        f"{expected} and nothing else.\nThen: make deploy ENV={environment}."
    )
