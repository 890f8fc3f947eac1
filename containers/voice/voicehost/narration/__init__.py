"""Texts to clips with words, markers and subtitles: what both servers of a machine do together."""
