"""What the stack costs: by estimate, and by AWS's own count."""
