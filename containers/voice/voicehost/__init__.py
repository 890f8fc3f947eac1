"""The two speech servers of GPU Voice: text to speech, and transcription with alignment."""

__version__ = "0.1.0"
