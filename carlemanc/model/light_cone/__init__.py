"""Which weights can be nonzero at each time of a training, known before it runs, and what following them costs."""
