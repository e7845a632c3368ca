"""The agent as a service of this computer: the files that make it one, and putting them in place."""
