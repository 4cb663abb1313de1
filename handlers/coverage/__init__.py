"""Who can be reached: households with a member, grid by grid, and the doors where nobody has registered."""
