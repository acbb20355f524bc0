"""Exercises of notebook 07: why a CNN fails, and what repairs it."""

from ..engine.lesson import Lesson
from . import helping, honesty

lesson = Lesson("07", "Overfitting and augmentation")
recap = lesson.recap

by_heart = lesson.add(helping.by_heart)
early_stop = lesson.add(helping.early_stop)
what_helps = lesson.add(helping.what_helps)
dropout = lesson.add(helping.dropout)
l2_penalty = lesson.add(helping.l2_penalty)
wrong_labels = lesson.add(helping.wrong_labels)
augment_order = lesson.add(helping.augment_order)
keeps_label = lesson.add(helping.keeps_label)
CHANGES, FAULTS, KEPT = helping.CHANGES, helping.FAULTS, helping.KEPT
torn = lesson.add(honesty.torn)
leaked = lesson.add(honesty.leaked)
turned_fan = lesson.add(honesty.turned_fan)
transfer = lesson.add(honesty.transfer)
pooled_weights = lesson.add(honesty.pooled_weights)
warm_up = lesson.add(honesty.warm_up)
