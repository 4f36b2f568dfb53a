"""From a spec to what is solved: its training or linear system, the same at another size, and its configuration.

In: a validated `ModelSpec`. Out: a hashable `Source` (what decides what is trained), the `Lifted` training or `Given`
system of it, and the `Configuration` that the spec names: method, goal, reading, epsilon. Nothing above this room
reads a table of a spec. The maps are those of [liu2024], with discrete corrections.
"""
