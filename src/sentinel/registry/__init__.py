"""Registries of models: what is in them is brought here, bounded and unloaded, to be scanned."""
