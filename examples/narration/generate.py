"""Ask the text-to-speech server for the voice."""

import base64
import binascii
from collections.abc import Sequence

from examples.narration.failures import ServerError
from examples.narration.script import Segment
from examples.narration.servers import SpeechServer
from examples.narration.sound import Recording, read_wav


def generate(server: SpeechServer, segments: Sequence[Segment]) -> list[Recording]:
    """One recording for each segment, in order; raises ServerError on audio that is none."""
    answer = server.post(
        "/generate_batch",
        {
            "texts": [segment.text for segment in segments],
            "instructs": [segment.instruct for segment in segments],
        },
    )
    try:
        return [read_wav(base64.b64decode(audio, validate=True)) for audio in answer["audios"]]
    except (KeyError, TypeError, ValueError, binascii.Error) as error:
        raise ServerError(f"The {server.name} server sent unusable audio: {error}") from error
