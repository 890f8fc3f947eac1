"""What holds the rooms together, and apart."""
