"""`/narrate` with real voices and real ears, over real HTTP."""
