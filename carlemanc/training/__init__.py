"""Training at scale: schedules of downloads and uploads, Hessian spectra, the error proxy and networks.

Comes in: a spec, or a PyTorch model as `module:function`. Goes out: the record of a training and reports on
dissipation, the error proxy being that of [liu2024], spectra by the Lanczos runs of [golub2013]. The only
package besides `model.network` that uses PyTorch (extra `torch`), imported when a network is needed.
"""
