"""eyot for every WSGI app: two stations around it, handlers by decorator, shell policies by path.

```python
from eyot import Policy
from eyot.wsgi import Islands

islands = Islands(shells={"/p/{sku}": Policy(cdn=600)})        # keys from EYOT_KEYS

@islands.island("CartCount")
def cart_count(request, island):
    return f"<b>{len(request.environ['beaker.session'].get('cart', ()))}</b>"

app = islands.outer(SessionMiddleware(islands.inner(app)))     # or islands(app), if nothing stands between
```
"""

from .._eyot import Event
from ..answers import Plain
from ..island import Island
from .islands import Islands
from .request import Request

__all__ = ["Event", "Island", "Islands", "Plain", "Request"]
