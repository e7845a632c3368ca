"""`shoumi doctor`: what this machine can enforce, and what not, said plainly."""

from agent.doctor.examine import examine

__all__ = ["examine"]
