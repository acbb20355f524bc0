"""Running notebooks without anybody watching: with parameters (papermill), or to store their outputs."""

from .running import resolve, run
from .storing import METADATA, address, badge_url, setup_source, store
