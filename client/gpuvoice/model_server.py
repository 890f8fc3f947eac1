"""What the speech server and the recognition server have in common."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from gpuvoice.config import ClientConfig
from gpuvoice.http import Patience, Server
from gpuvoice.waiting import OnWait


class ModelServer(Server):
    """`called` names it in messages."""

    called: ClassVar[str]

    def __init__(
        self,
        config: ClientConfig,
        *,
        transport: httpx.BaseTransport | None = None,
        patience: Patience | None = None,
        on_wait: OnWait | None = None,
    ) -> None:
        super().__init__(
            self.called,
            self.url_in(config),
            config.api_key,
            transport=transport,
            patience=patience,
            on_wait=on_wait,
        )

    @staticmethod
    def url_in(config: ClientConfig) -> str:
        """Its URL in the settings."""
        raise NotImplementedError

    def health(self) -> dict[str, Any]:
        """Who answers: engine, model, device; of speech the speaker and the voices too."""
        return self.ask("GET", "/health", wait=False)

    def ready(self) -> bool:
        """Whether a call would be answered now."""
        return self.look("/ready")[0] == 200
