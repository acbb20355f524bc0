"""Helpers behind the FanAOI workbook.

Importing this package imports nothing heavy and changes nothing: no seeds, no logging, no files.
Import the module that you need, for instance ``from fanaoi_helpers import byhand``.
"""

__version__ = "0.1.0"
