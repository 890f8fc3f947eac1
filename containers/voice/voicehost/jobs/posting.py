"""A batch call that somebody wants done without waiting for it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel

from voicehost.caller import Caller
from voicehost.items.call import BatchCall
from voicehost.jobs.records import Head, now
from voicehost.memory.wish import Wish


@dataclass(frozen=True)
class Posting:
    """`again` is the caller's own name for the call; another one makes another job of it."""

    call: BatchCall
    body: BaseModel
    caller: Caller
    wish: Wish
    callback: str | None
    again: str

    @cached_property
    def id(self) -> str:
        """The same for the same call of the same key: whom to call at the end makes no
        difference, and whether the audio store may be used does."""
        digest = hashlib.sha256()
        body = self.body.model_dump(mode="json", exclude={"callback"})
        # In parts, so that a large body is not in memory once more.
        wish = [] if self.wish is Wish.USE else [self.wish.value]
        whole = [self.caller.folder, self.call.path, self.again, body, *wish]
        for part in json.JSONEncoder(sort_keys=True).iterencode(whole):
            digest.update(part.encode())
        return digest.hexdigest()[:32]

    def head(self, count: int) -> Head:
        return Head(
            id=self.id,
            folder=self.caller.folder,
            key=self.caller.key,
            queue_items=self.caller.queue_items,
            path=self.call.path,
            count=count,
            wish=self.wish,
            callback=self.callback,
            created_at=now(),
        )
