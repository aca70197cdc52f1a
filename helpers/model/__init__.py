"""Frozen data and pure logic; knows nothing of engines, views or Jupyter."""
