"""The figures of the GPU itself: use, memory, temperature and power, published each period."""
