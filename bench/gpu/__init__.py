"""What the production engines do on a GPU, with random weights of full size."""
