"""What looks like a secret, by a file's name or by what it holds."""

import fnmatch
import re

# Names under which programs keep keys and passwords.
_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", "*_rsa", "*_dsa", "*_ecdsa", "*_ed25519", "id_*sa",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.ovpn",
    ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd", ".git-credentials",
    "credentials", "credentials.json", "credentials.y*ml", "secrets.json",
    "secrets.y*ml", "secrets.toml", "secrets.ini", "secrets.txt",
    "service-account*.json", "service_account*.json", "client_secret*.json", "*.tfstate",
    "*.tfvars", "kubeconfig", "admin.key", "htpasswd", "shadow",
)
# What stands for a name and holds none of its values.
_EXAMPLES = ("*.example", "*.sample", "*.template", "*.dist", "*.pub")

# The forms that the issuers of tokens publish, so that such scans find them.
_CONTENTS = (
    ("a private key", rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("a key of a model's provider",
     rb"\bsk-(?:[A-Za-z0-9]{20,}|(?:ant|proj|svcacct|admin|or)-[A-Za-z0-9_-]{20,})"),
    ("a key of an Atomic Orchestrator", rb"\batk_[0-9a-f]{16}_[A-Za-z0-9_-]{43}"),
    ("a key of Google", rb"\bAIza[0-9A-Za-z_-]{35}"),
    ("a key of AWS", rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a token of GitHub", rb"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("a token of GitLab", rb"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a token of Slack", rb"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("a key of Stripe", rb"\b[rs]k_live_[0-9A-Za-z]{20,}"),
    ("a token of npm", rb"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a token of Hugging Face", rb"\bhf_[A-Za-z0-9]{30,}\b"),
    ("a signed token", rb"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
)
_PATTERNS = tuple((what, re.compile(pattern)) for what, pattern in _CONTENTS)


def name(path: str) -> str | None:
    """Why a file's name says that it holds a secret, None when it doesn't."""
    last = path.rpartition("/")[2].casefold()
    if any(fnmatch.fnmatchcase(last, each) for each in _EXAMPLES):
        return None
    found = next((each for each in _NAMES if fnmatch.fnmatchcase(last, each)), None)
    return None if found is None else f"its name ({found}) is one of a secret"


def content(data: bytes) -> str | None:
    """What a file's content holds that looks like a secret; the secret itself isn't said."""
    for what, pattern in _PATTERNS:
        found = pattern.search(data)
        if found is not None:
            line = data.count(b"\n", 0, found.start()) + 1
            return f"line {line} looks like {what}"
    return None
