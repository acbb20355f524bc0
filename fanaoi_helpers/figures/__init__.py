"""Every still picture of the workbook: arrays in, a matplotlib Figure out.

One module per subject; a notebook imports the one that it needs, for instance
``from fanaoi_helpers.figures import arithmetic``.
"""
