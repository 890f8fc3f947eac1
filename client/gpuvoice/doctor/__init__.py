"""What is wrong between here and the GPU, one check after the other, and how to mend it."""
