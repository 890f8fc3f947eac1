"""The two servers on a laptop: start, wait, say what to try, stop."""
