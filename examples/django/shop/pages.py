"""The cached pages: the same bytes for every visitor, kept by shared caches. Their views never see a cookie."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.generic import DetailView
from eyot.django import shell

from shop.models import Boathouse, Product


@shell(cdn=600)
def home(request: HttpRequest) -> HttpResponse:
    """The shelf with all products."""
    return render(request, "home.html", {"products": Product.objects.all()})


@shell(cdn=600)
class ProductPage(DetailView):
    """One product."""

    model = Product
    pk_url_kwarg = "sku"
    template_name = "product.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What else the page shows."""
        reviews = self.object.reviews.order_by("pk")
        return super().get_context_data(boathouses=Boathouse.objects.all(), reviews=reviews, places=range(3), **kwargs)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that the shop does not have."""
    text = "The river has taken it, or it never was."
    return render(request, "message.html", {"title": "Nothing here", "text": text}, status=404)
