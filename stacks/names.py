"""Names that several parts, the servers and people must agree on."""

from __future__ import annotations

from dataclasses import dataclass

# The container's ports and the path under which the load balancer serves each.
SERVERS = {"tts": 5000, "whisperx": 5001}
# A call with this header goes to the idle slot. The header is no secret: a key is needed there too.
SLOT_HEADER = "X-Voice-Slot"
# Priorities of the template's rules. Between them the power controller puts rules of its own while
# the GPU sleeps: below STAGING for callers with the header, below LIVE for all others.
POWER_PRIORITY = 50
STAGING_PRIORITY = 100
LIVE_PRIORITY = 200
# Tag of those rules; IAM lets the controller touch no other.
OWNER_TAG = "gpu-voice:owner"


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

    @property
    def controller(self) -> str:
        """The function that turns the GPU on and off."""
        return f"{self.prefix}-power"

    @property
    def owner(self) -> str:
        """Value of OWNER_TAG."""
        return f"power-{self.environment}"

    def logs(self, part: str) -> str:
        return f"/gpu-voice/{self.environment}/{part}"
