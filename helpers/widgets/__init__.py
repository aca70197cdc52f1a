"""Thin interactive shells over models and views."""
