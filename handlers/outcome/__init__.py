"""A broadcast at its end, at the desk: the chart and the list of households."""
