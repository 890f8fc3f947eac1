"""Everything that can go wrong in a request, drawn as a tree.

VoiceError
├── RequestError            400  the caller must change the request
│   ├── Unauthorized        401
│   ├── Forbidden           403
│   ├── NotFound            404
│   │   ├── UnknownResult
│   │   ├── UnknownJob
│   │   └── UnknownModel
│   ├── NotAcceptable       406
│   ├── SlowUpload          408
│   ├── TooLarge            413
│   └── UnsupportedContent  415
├── KeyBusy                 429  the caller's own share of the queue is full
├── BatchesRefused          429  one item a call, while the budget is nearly used up
├── Unavailable             503  try again after `retry_after`
│   ├── QueueFull
│   ├── NotReady
│   ├── Draining
│   ├── ResultsUnavailable
│   ├── KeepingFailed
│   ├── NeighbourAway
│   └── DeadlinePassed
├── EngineFault             500  the engine failed; nothing the caller can change
└── CallerGone              499  nobody is left to read the answer
"""

from __future__ import annotations


class VoiceError(Exception):
    """Base of all errors that become an HTTP answer.

    `message` is written for the person who reads the answer; `retry_after` is in seconds.
    """

    status = 500

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class RequestError(VoiceError):
    status = 400


class Unauthorized(RequestError):
    status = 401


class Forbidden(RequestError):
    status = 403


class NotFound(RequestError):
    status = 404


class UnknownResult(NotFound):
    pass


class UnknownJob(NotFound):
    pass


class UnknownModel(NotFound):
    pass


class NotAcceptable(RequestError):
    status = 406


class SlowUpload(RequestError):
    status = 408


class TooLarge(RequestError):
    status = 413


class UnsupportedContent(RequestError):
    status = 415


class KeyBusy(VoiceError):
    status = 429


class BatchesRefused(VoiceError):
    status = 429


class Unavailable(VoiceError):
    status = 503


class QueueFull(Unavailable):
    pass


class NotReady(Unavailable):
    pass


class Draining(Unavailable):
    pass


class ResultsUnavailable(Unavailable):
    pass


class KeepingFailed(Unavailable):
    """The place for jobs or for the audio store does not work."""


class NeighbourAway(Unavailable):
    """The other server of this machine does not answer, or takes nothing now."""


class DeadlinePassed(Unavailable):
    pass


class EngineFault(VoiceError):
    status = 500


class CallerGone(VoiceError):
    status = 499
