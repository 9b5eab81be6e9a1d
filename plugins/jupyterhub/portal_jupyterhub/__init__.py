"""The plugin `jupyterhub`: sessions at JupyterHubs."""
