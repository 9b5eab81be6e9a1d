"""The plugin `binderhub`: sessions at BinderHubs, public ones and one's own."""
