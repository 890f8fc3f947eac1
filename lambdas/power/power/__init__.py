"""Power of the GPU: when it is started and stopped, why, and what callers are told meanwhile."""
