"""Models of boosted trees: XGBoost, LightGBM and CatBoost, each read by a reader of its own.

None of them runs code. Their loaders are written in C++ and take indices in the file for granted:
one that leads outside of its array is a read or write outside of it.
"""
