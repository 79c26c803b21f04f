"""The environment of a child: what programs need of its parent's, and no secrets.

An allow-list, because nobody can list the names of secrets. What an extractor needs besides it
asks for by name: ``register_extractor(..., environment=["GROBID_URL"])``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["for_child"]

#: Where programs and their data are, who the user is, how to write text and numbers.
_NAMES = frozenset(
    "PATH HOME USER LOGNAME SHELL PWD LANG LANGUAGE TZ TZDIR TERM DISPLAY WAYLAND_DISPLAY "
    "VIRTUAL_ENV TESSDATA_PREFIX JAVA_HOME R_HOME NODE_PATH SSL_CERT_FILE SSL_CERT_DIR "
    "MPLBACKEND MPLCONFIGDIR HF_HOME TORCH_HOME NLTK_DATA XDG_CACHE_HOME XDG_CONFIG_HOME "
    "XDG_DATA_HOME XDG_DATA_DIRS XDG_CONFIG_DIRS XDG_RUNTIME_DIR SOURCE_DATE_EPOCH".split()
)
#: Settings of the interpreter, the loader, malloc and numeric libraries.
_PREFIXES = (
    *("LC_", "PYTHON", "LD_", "DYLD_", "CONDA_", "MAMBA_", "NIX_", "GUIX_", "MALLOC_", "GLIBC_"),
    *("OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_", "VECLIB_", "BLIS_", "KMP_", "GOMP_"),
    *("CUDA_", "NVIDIA_", "ROCR_", "HIP_", "FONTCONFIG_", "TRANSFORMERS_", "RESLIB_"),
)
#: Only for extractors that use the network; a proxy's address may hold a password.
_PROXIES = frozenset({"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"})
#: Not even under those prefixes (CONDA_TOKEN).
_SECRET = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|COOKIE|(API|ACCESS|PRIVATE|SIGNING)_?KEY|_KEY$|AUTH",
    re.IGNORECASE,
)


def for_child(
    environment: Mapping[str, str], asked: Iterable[str] = (), *, network: bool = False
) -> dict[str, str]:
    """Return the part of *environment* that a child may have.

    Parameters
    ----------
    environment
        The parent's.
    asked
        Names that an extractor asked for; these are passed whatever they look like.
    network
        Whether proxies are of use.
    """
    wanted = frozenset(asked)

    def passes(name: str) -> bool:
        if name in wanted or (network and name.lower() in _PROXIES):
            return True
        return (name in _NAMES or name.startswith(_PREFIXES)) and not _SECRET.search(name)

    return {name: value for name, value in environment.items() if passes(name)}
