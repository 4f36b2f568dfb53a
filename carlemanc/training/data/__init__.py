"""Labeled images: real digits, CIFAR-layout npz files, and a synthetic set of our own."""
