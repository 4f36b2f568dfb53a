"""The keys that a spec leaves out, chosen together for the least seconds, T gates, qubits or volume of all runs.

Comes in: a request with free keys. Goes out: the best configuration of every method, and the best of them. A key is
searched by one file: its values, and how they are gone through; costs come from `evaluation.evaluate`.
"""
