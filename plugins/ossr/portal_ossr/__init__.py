"""The plugin `ossr`: the ESCAPE software repository, a community of Zenodo."""
