"""我也遇到: a neighbour adds their voice to a card instead of filing the same thing again."""
