"""批量上报: several cases of a desk go up together, with one covering note."""
