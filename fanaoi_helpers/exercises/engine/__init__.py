"""The engine: what an exercise of each kind is, how it judges an answer, and how it speaks."""
