"""The data of projects: exports that the Zooniverse makes, waited for and read as tables."""

from portal_zooniverse.exports.query import ExportParameters
from portal_zooniverse.exports.query import ExportQuery

__all__ = ["ExportParameters", "ExportQuery"]
