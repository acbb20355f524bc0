"""The plumbing: where the workbook keeps its files, and how it writes, locks, collects and fetches them."""

from .atomic import cannot_write, replaced, replacing, sweep, writable_file, writable_folder, write
from .fetching import fetched
from .json_lines import append_lines, read_lines, record_in
from .locks import alone, alone_in
from .places import (
    content,
    expanded,
    headless,
    kept_in,
    keras_home,
    own_folder,
    root,
    runs_dir,
    short,
    shown,
    tell_as,
)
