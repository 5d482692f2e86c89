"""eyot for Flask: islands as routes, shells with a policy, template tags, and a helper for tests.

```python
app = Flask(__name__)
islands = Islands(app)

@islands.island("CartCount")
def cart_count(island):
    return render_template("_cart.html", count=len(session.get("cart", [])))

@app.get("/p/<sku>")
@islands.shell(cdn=600, swr=60)
def product(sku): ...
```
"""

from .._eyot import Event
from ..island import Island
from .extension import Islands
from .signals import island_event
from .views import current_island

__all__ = ["Event", "Island", "Islands", "current_island", "island_event"]
