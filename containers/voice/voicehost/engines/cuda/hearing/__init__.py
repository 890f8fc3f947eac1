"""WhisperX: Whisper behind voice activity detection, and wav2vec2 alignment."""
