"""Shared by every folder of tests. Its place puts `graphs` and `referee` beside it within reach of their imports."""
