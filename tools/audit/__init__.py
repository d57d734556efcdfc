"""A static audit: which callables hand what they are given to something that acts on it.

Sources are parsed, never imported. ``facts`` reads one file, ``link`` joins files, ``reach`` finds
what each callable's parameters flow into; ``sinks.toml`` says what counts.
"""
