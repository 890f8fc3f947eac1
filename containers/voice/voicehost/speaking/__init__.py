"""From texts that somebody sent to clips: what every endpoint that speaks has in common."""
