"""Watermarks: a keyed mark in a model's own numbers, and the exact test of whether it is there.

Float tensors carry a spread-transform dither modulation mark (``stdm``): blind to verify, with an
exact p-value, and gone when somebody who knows of it re-parameterises the model. What can be marked
is listed in ``kinds``; what cannot is ``NotMarked`` with a reason, never a weaker mark.
"""
