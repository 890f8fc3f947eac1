"""Programs that use the two speech servers as their callers do."""
