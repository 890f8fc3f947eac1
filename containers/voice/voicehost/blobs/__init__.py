"""Where jobs and the audio store are kept: a folder or a bucket, behind one small interface."""
