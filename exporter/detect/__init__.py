"""What is usual for one partner, and what departs from it: increments of counters in, scores out.

Pure: no I/O, no clock, nothing of the other packages. One :class:`Detector` judges one partner::

    detector = Detector(saved)           # what dump() returned before the restart; ValueError for anything else
    detector.interval, detector.thresholds = 60.0, Thresholds(answer_drop_evidence=12.0)
    detector.learn(History(...))         # the complete days, with the first poll of each server day
    detector.observe(Increments(...))    # what a good poll added to the counters
    detector.judgements                  # scores and what they were judged from, for metrics and status page
    detector.accept_usual("inbound")     # a person says: this is usual now
    saved = detector.dump()              # JSON, below 4 KiB a lane

A score above 1 pages. ``None`` is unknown, never "fine": :class:`Verdict` says which of the two it is.
"""
