"""What is attested of a model: one module a predicate, and the file that they are stored in.

A predicate is a plain dictionary, made by functions without side effects; ``statements`` puts the
subjects before it and ``store`` keeps the signed result inside the model's directory.
"""
