"""WAV files of a server: joined, in other formats, and heard."""
