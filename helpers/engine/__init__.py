"""The engine room: everything that talks to Docker or runs a program. Answers become model objects at once."""
