"""Whose an object is: the journal, the labels, and the proof."""
