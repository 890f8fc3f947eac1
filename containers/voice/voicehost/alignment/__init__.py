"""Word times for a known text: one entry per whitespace-separated word, in order.

`words` is shared by every engine, the rest is the pocketsphinx aligner of the CPU family.
"""
