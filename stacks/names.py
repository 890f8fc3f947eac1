"""Names that several parts, the servers and people must agree on."""

from __future__ import annotations

from dataclasses import dataclass

# The container's ports and the path under which the load balancer serves each.
SERVERS = {"tts": 5000, "whisperx": 5001}
# A call with this header goes to the idle slot. The header is no secret: a key is needed there too.
SLOT_HEADER = "X-Voice-Slot"
# Rules of the template; 1 to 49 belong to the rules that stand in while the GPU sleeps.
STAGING_PRIORITY = 100
LIVE_PRIORITY = 200


@dataclass(frozen=True, slots=True)
class Naming:
    """Physical names, only of what people type or read."""

    environment: str

    def stack(self, part: str) -> str:
        return f"GpuVoice-{self.environment}-{part}"

    @property
    def prefix(self) -> str:
        return f"gpu-voice-{self.environment}"

    @property
    def namespace(self) -> str:
        """CloudWatch namespace of the servers' metrics."""
        return f"GpuVoice/{self.environment}"

    def logs(self, part: str) -> str:
        return f"/gpu-voice/{self.environment}/{part}"
