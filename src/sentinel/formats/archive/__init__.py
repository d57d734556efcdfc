"""Containers: zip, tar, 7z, rar, and streams compressed as a whole."""
