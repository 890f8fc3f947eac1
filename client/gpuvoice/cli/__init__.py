"""The `gpuvoice` command: one module for each command, loaded when it is called.

stdout is data, stderr is talk; every command has `--json`.
"""
