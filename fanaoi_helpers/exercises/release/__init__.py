"""Exercises of notebook 08: what mistakes cost, what counts prove, who judges better, and when to stop."""

from ..engine.lesson import Lesson
from . import counts, judging, watching

lesson = Lesson("08", "Inspection station")
recap = lesson.recap

same_picture = lesson.add(watching.same_picture)
cost_threshold = lesson.add(counts.cost_threshold)
cost_of = lesson.add(counts.cost_of)
two_denominators = lesson.add(counts.two_denominators)
zero_of_400 = lesson.add(counts.zero_of_400)
zero_bound = lesson.add(counts.zero_bound)
ng_to_collect = lesson.add(counts.ng_to_collect)
really_ng = lesson.add(counts.really_ng)
smallest_found = lesson.add(judging.smallest_found)
review_minutes = lesson.add(judging.review_minutes)
kappa = lesson.add(judging.kappa)
same_file = lesson.add(judging.same_file)
gate_closed = lesson.add(watching.gate_closed)
evening = lesson.add(watching.evening)
release_order = lesson.add(watching.release_order)
