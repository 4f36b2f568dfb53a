"""Training at scale: Hessian spectra, the error proxy, and the networks and images they are computed on.

Comes in: a spec, or a PyTorch model as `module:function`. Goes out: spectra and dissipation reports. The only
package besides `model.network` that uses PyTorch (extra `torch`), imported when a network is needed.
"""
