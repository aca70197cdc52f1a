"""Exercises, quick questions, labs: tasks, verdicts, hints, and what a learner has done."""
