"""A team's own Flask module as one of the two servers: `VOICE_TTS_APP`, `VOICE_WHISPERX_APP`."""
