"""Engine families behind one small protocol."""
