"""Usage summed up by stretches of five minutes, an hour and a day, exactly, while rows go on being written.

The rule: a stretch that ends before the watermark and holds no mark agrees with its rows. The watermark moves and marks
every stretch it passes in one transaction; whoever writes, changes or deletes a row before the watermark leaves a mark
in the same transaction (a trigger); the roller sums up what it sees at one moment and removes exactly the marks it saw
at that moment. Whatever is not covered by an agreeing stretch is counted from the rows.
"""
