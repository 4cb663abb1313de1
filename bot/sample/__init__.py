"""The sample town: one street, two communities, six grids; the files are an example of what `huying import` takes."""
