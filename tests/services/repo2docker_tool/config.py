"""Only what is local and what git clones: other providers ask the network first."""

from repo2docker import contentproviders

c.Repo2Docker.content_providers = [  # noqa: F821 - traitlets gives it
    contentproviders.Local,
    contentproviders.Git,
]
