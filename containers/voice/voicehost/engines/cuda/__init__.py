"""Qwen3-TTS and WhisperX on an NVIDIA GPU; the same classes run on a CPU with small checkpoints."""
