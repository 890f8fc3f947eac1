"""`python -m gpuvoice` is `gpuvoice`."""

from __future__ import annotations

from gpuvoice.cli.main import main

if __name__ == "__main__":
    main()
