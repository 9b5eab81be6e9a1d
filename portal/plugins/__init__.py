"""The plugin API: everything that a plugin may import from the portal."""

from portal.adql import AdqlError
from portal.adql import AdqlSchema
from portal.adql import AdqlTable
from portal.adql import check_table_name
from portal.adql import ColumnInfo
from portal.adql import find_tables
from portal.adql import ForeignKey
from portal.adql import full_name
from portal.adql import FunctionInfo
from portal.adql import name_key
from portal.adql import name_parts
from portal.adql import Output
from portal.adql import parse as parse_adql
from portal.adql import quote_identifier
from portal.adql import quote_literal
from portal.adql import quote_table_name
from portal.adql import TableInfo
from portal.adql import TableSource
from portal.adql import to_duckdb
from portal.adql import Translation
from portal.credentials import RemoteCredential
from portal.parameters import Adql
from portal.parameters import Choice
from portal.parameters import Example
from portal.parameters import find_coordinates
from portal.parameters import format_joule
from portal.parameters import format_mjd
from portal.parameters import Interval
from portal.parameters import MJD_OF_EPOCH
from portal.parameters import OfFieldError
from portal.parameters import parameter
from portal.parameters import Parameters
from portal.parameters import parse_position
from portal.parameters import parse_region
from portal.parameters import Position
from portal.parameters import QueryParameters
from portal.parameters import read_band
from portal.parameters import read_spectrum
from portal.parameters import read_time
from portal.parameters import read_times
from portal.parameters import Region
from portal.parameters import ServiceUrl
from portal.parameters import SkyRegion
from portal.parameters import Upload
from portal.plugins.attached import AttachedFile
from portal.plugins.attached import AttachFile
from portal.plugins.catalogue import MemoryCatalogue
from portal.plugins.catalogue import TableCatalogue
from portal.plugins.catalogue import TableFilter
from portal.plugins.cone import Cone
from portal.plugins.datasets import Dataset
from portal.plugins.described.description import ChoiceDescription
from portal.plugins.described.description import FieldDescription
from portal.plugins.described.description import QueryDescription
from portal.plugins.described.faults import DescriptionError
from portal.plugins.described.faults import fault_at
from portal.plugins.described.faults import Faults
from portal.plugins.described.faults import is_it
from portal.plugins.described.faults import Path as DescribedPath
from portal.plugins.described.form import form_model
from portal.plugins.described.protocol import Protocol
from portal.plugins.described.query import DescribedQuery
from portal.plugins.described.values import Described
from portal.plugins.described.values import Line
from portal.plugins.described.values import Scalar
from portal.plugins.facilities import Answer
from portal.plugins.facilities import BasketSummary
from portal.plugins.facilities import Facility
from portal.plugins.facilities import FacilityContext
from portal.plugins.facilities import FacilityHealth
from portal.plugins.facilities import Handle
from portal.plugins.facilities import InputFile
from portal.plugins.facilities import LaunchContext
from portal.plugins.facilities import Mode
from portal.plugins.facilities import NoOptions
from portal.plugins.facilities import Prepared
from portal.plugins.facilities import RunOutput
from portal.plugins.facilities import Session
from portal.plugins.facilities import SessionFile
from portal.plugins.facilities import SessionState
from portal.plugins.facilities import SessionStatus
from portal.plugins.facilities import Staging
from portal.plugins.facilitysettings import FacilitySettings
from portal.plugins.facilitysettings import SecretSettings
from portal.plugins.facilitysettings import TokenSettings
from portal.plugins.facilitysettings import with_tokens
from portal.plugins.facilitytokens import forget_token
from portal.plugins.facilitytokens import own_token
from portal.plugins.facilitytokens import stored_token
from portal.plugins.hookspecs import hookimpl
from portal.plugins.http import AbortedError
from portal.plugins.http import DeadlineError
from portal.plugins.http import HttpPolicy
from portal.plugins.http import open_body
from portal.plugins.http import open_farewell
from portal.plugins.http import open_lingering
from portal.plugins.http import open_session
from portal.plugins.jupyter import binder_link
from portal.plugins.jupyter import JupyterServer
from portal.plugins.jupyter import NotebookFacility
from portal.plugins.jupyter import read_events
from portal.plugins.jupyter import read_time as read_jupyter_time
from portal.plugins.jupyter import ServerActivity
from portal.plugins.links import ExternalLink
from portal.plugins.links import PageLink
from portal.plugins.links import QueryLink
from portal.plugins.merging import merge_parts
from portal.plugins.merging import PartOrigin
from portal.plugins.metadata import ServiceFact
from portal.plugins.metadata import ServiceMetadata
from portal.plugins.page import Page
from portal.plugins.parts import EndedQuery
from portal.plugins.patience import growing_pauses
from portal.plugins.patience import Patience
from portal.plugins.patience import seconds_to_wait
from portal.plugins.repositories import check_path
from portal.plugins.repositories import check_ref
from portal.plugins.repositories import read_repository
from portal.plugins.repositories import RepositoryAddress
from portal.plugins.resolvers import NameResolver
from portal.plugins.resolvers import ResolvedPosition
from portal.plugins.schedules import Schedule
from portal.plugins.snippets import Snippet
from portal.plugins.types import Archive
from portal.plugins.types import DataItem
from portal.plugins.types import JobContext
from portal.plugins.types import PluginContext
from portal.plugins.types import Query
from portal.plugins.types import Renderer
from portal.plugins.types import RowAction
from portal.plugins.votable import write_votable
from portal.plugins.workflows import Workflow
from portal.plugins.workflows import WorkflowSource
from portal.plugins.workflows import WorkflowType
from portal.png import write_png
from portal.problems import NotFoundError
from portal.problems import PortalError
from portal.problems import ServiceError
from portal.problems import TransientError
from portal.problems import UsageError
from portal.tables import arrow_schema
from portal.tables import arrow_type
from portal.tables import Column
from portal.tables import ResultTable
from portal.tables import TableEnd
from portal.tables import unique_names
from portal.tables.arrowtypes import column_of_type
from portal.tables.arrowtypes import converted

API_VERSION = 1

__all__ = [
    "API_VERSION",
    "MJD_OF_EPOCH",
    "AbortedError",
    "Adql",
    "AdqlError",
    "AdqlSchema",
    "AdqlTable",
    "Answer",
    "Archive",
    "AttachFile",
    "AttachedFile",
    "BasketSummary",
    "Choice",
    "ChoiceDescription",
    "Column",
    "ColumnInfo",
    "Cone",
    "DataItem",
    "Dataset",
    "DeadlineError",
    "Described",
    "DescribedPath",
    "DescribedQuery",
    "DescriptionError",
    "EndedQuery",
    "Example",
    "ExternalLink",
    "Facility",
    "FacilityContext",
    "FacilityHealth",
    "FacilitySettings",
    "Faults",
    "FieldDescription",
    "ForeignKey",
    "FunctionInfo",
    "Handle",
    "HttpPolicy",
    "InputFile",
    "Interval",
    "JobContext",
    "JupyterServer",
    "LaunchContext",
    "Line",
    "MemoryCatalogue",
    "Mode",
    "NameResolver",
    "NoOptions",
    "NotFoundError",
    "NotebookFacility",
    "OfFieldError",
    "Output",
    "Page",
    "PageLink",
    "Parameters",
    "PartOrigin",
    "Patience",
    "PluginContext",
    "PortalError",
    "Position",
    "Prepared",
    "Protocol",
    "Query",
    "QueryDescription",
    "QueryLink",
    "QueryParameters",
    "Region",
    "RemoteCredential",
    "Renderer",
    "RepositoryAddress",
    "ResolvedPosition",
    "ResultTable",
    "RowAction",
    "RunOutput",
    "Scalar",
    "Schedule",
    "SecretSettings",
    "ServerActivity",
    "ServiceError",
    "ServiceFact",
    "ServiceMetadata",
    "ServiceUrl",
    "Session",
    "SessionFile",
    "SessionState",
    "SessionStatus",
    "SkyRegion",
    "Snippet",
    "Staging",
    "TableCatalogue",
    "TableEnd",
    "TableFilter",
    "TableInfo",
    "TableSource",
    "TokenSettings",
    "TransientError",
    "Translation",
    "Upload",
    "UsageError",
    "Workflow",
    "WorkflowSource",
    "WorkflowType",
    "arrow_schema",
    "arrow_type",
    "binder_link",
    "check_path",
    "check_ref",
    "check_table_name",
    "column_of_type",
    "converted",
    "fault_at",
    "find_coordinates",
    "find_tables",
    "forget_token",
    "form_model",
    "format_joule",
    "format_mjd",
    "full_name",
    "growing_pauses",
    "hookimpl",
    "is_it",
    "merge_parts",
    "name_key",
    "name_parts",
    "open_body",
    "open_farewell",
    "open_lingering",
    "open_session",
    "own_token",
    "parameter",
    "parse_adql",
    "parse_position",
    "parse_region",
    "quote_identifier",
    "quote_literal",
    "quote_table_name",
    "read_band",
    "read_events",
    "read_jupyter_time",
    "read_repository",
    "read_spectrum",
    "read_time",
    "read_times",
    "seconds_to_wait",
    "stored_token",
    "to_duckdb",
    "unique_names",
    "with_tokens",
    "write_png",
    "write_votable",
]
