"""The plugin `rosetta`: sessions at Rosetta, where the browser is sent."""
