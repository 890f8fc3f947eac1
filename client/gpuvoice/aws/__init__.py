"""The account in which the stack stands, with the caller's credentials. Needs `gpuvoice[aws]`."""
