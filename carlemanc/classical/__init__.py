"""What a classical computer needs for the same answer.

Comes in: a question (a training, and what is to be told of theta(T) how precisely). Goes out: the cost of every program
that is known to this tool, or why it does not apply, and the answer of each program that does. One program a file, one
line of the registry.
"""
