"""eyot for Django: islands as routes, shells with a policy, template tags, system checks, and a helper for tests.

```python
INSTALLED_APPS += ["eyot.django"]
MIDDLEWARE = [
    "eyot.django.middleware.OuterMiddleware",           # before sessions
    ...,
    "eyot.django.middleware.InnerMiddleware",           # last
]

@island("CartCount")                            # islands.py of any app
def cart_count(request, island):
    return render(request, "_cart.html", {"count": request.session.get("count", 0)})

@shell(cdn=600, swr=60)                         # a view
def product(request, sku): ...
```
"""

from ..errors import ConfigError, Error, EyotWarning, InvalidKey, MarkupError, PropsError
from ..island import Island
from .decorators import html_pass, island, shell
from .signals import island_event

__all__ = [
    "ConfigError",
    "Error",
    "EyotWarning",
    "InvalidKey",
    "Island",
    "MarkupError",
    "PropsError",
    "html_pass",
    "island",
    "island_event",
    "shell",
]
