"""eyot for every ASGI app: two stations around it, handlers as routes of its framework or by themselves.

```python
islands = Islands()                                                  # keys from EYOT_KEYS
app = FastAPI(middleware=[Middleware(islands.outer), Middleware(SessionMiddleware, …), Middleware(islands.inner)])
islands.mount(app)                                                   # each island becomes a route of the app

@islands.island("CartCount")
async def cart_count(island: Island, cart: Annotated[Cart, Depends(cart)]):
    return f"<b>{cart.count}</b>"

@app.get("/p/{sku}")
@islands.shell(cdn=600, swr=60)
async def product(request: Request, sku: str): ...
```
"""

from .._eyot import Event
from ..answers import Plain
from ..island import Island
from .islands import Islands
from .request import Request

__all__ = ["Event", "Island", "Islands", "Plain", "Request"]
