"""eyot for Django: islands as routes, shells with a policy, template tags, system checks, and a helper for tests.

```python
INSTALLED_APPS += ["eyot.django"]
MIDDLEWARE = ["eyot.django.ShellMiddleware", *MIDDLEWARE, "eyot.django.IslandMiddleware"]

@island("CartCount")                            # islands.py of any app
def cart_count(request, island):
    return render(request, "_cart.html", {"count": request.session.get("count", 0)})

@shell(cdn=600, swr=60)                         # a view
def product(request, sku): ...
```
"""

from ..errors import ConfigError, Error, EyotWarning, InvalidKey, MarkupError, PropsError
from ..island import Island
from .declared import html_pass, shell
from .inner import IslandMiddleware
from .outer import ShellMiddleware
from .registering import island
from .signals import island_event
from .testing import aassemble, assemble

__all__ = [
    "ConfigError",
    "Error",
    "EyotWarning",
    "InvalidKey",
    "Island",
    "IslandMiddleware",
    "MarkupError",
    "PropsError",
    "ShellMiddleware",
    "aassemble",
    "assemble",
    "html_pass",
    "island",
    "island_event",
    "shell",
]
