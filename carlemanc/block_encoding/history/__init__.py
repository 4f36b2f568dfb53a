"""The history matrix from slot steps: time shift, junk checks, level weights, insertion of F_0."""
