"""Qwen3-TTS: loading, sampling, steering and decoding."""
