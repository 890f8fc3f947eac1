"""The local proxy: the servers at the addresses that clients know, wherever they are and asleep or
not. It adds the key, wakes the GPU, waits, and keeps pages of strangers out."""
