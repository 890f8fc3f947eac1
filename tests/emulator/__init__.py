"""The emulated cloud: MiniStack with what AWS documents and it lacks, and a host for containers."""
