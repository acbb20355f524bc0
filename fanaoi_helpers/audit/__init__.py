"""The audit: what to know about a folder of photographs before believing any score on it."""

from .audited import Audit
from .auditing import check
