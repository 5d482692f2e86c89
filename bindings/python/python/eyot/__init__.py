"""eyot: server islands for Python web servers."""

from ._eyot import encode_props
from .errors import ConfigError, Error, InvalidKey, MarkupError, PropsError, SealError

__all__ = ["ConfigError", "Error", "InvalidKey", "MarkupError", "PropsError", "SealError", "encode_props"]
