"""``manage.py seed``: fills an empty database with what the shops of all hosts have in common."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from shop.models import Boathouse, Customer, Fact, Pairing, Product, Purchase, Review, Segment, Stock


class Command(BaseCommand):
    """Fill the database."""

    help = "Fills an empty database from examples/shop/seed.json."

    @transaction.atomic
    def handle(self, *_: Any, **__: Any) -> None:
        """Write everything, or nothing if there is something already."""
        if Product.objects.exists():
            return
        seed = json.loads((settings.SHARED / "seed.json").read_text("utf-8"))
        Boathouse.objects.bulk_create(Boathouse(**fields) for fields in seed["boathouses"])
        Segment.objects.bulk_create(Segment(**fields) for fields in seed["segments"])
        self.products(seed["products"])
        Review.objects.bulk_create(
            Review(product_id=r["sku"], author=r["author"], stars=r["stars"], body=r["body"]) for r in seed["reviews"]
        )
        for c in seed["customers"]:
            customer = Customer.objects.create_user(c["email"], c["password"], name=c["name"], segment_id=c["segment"])
            for sku, day in c["bought"]:
                Purchase.objects.create(customer=customer, product_id=sku, day=day)

    def products(self, seed: list[dict[str, Any]]) -> None:
        """Write the products, and then what refers to them."""
        for place, p in enumerate(seed):
            fields = {name: p[name] for name in ("sku", "name", "line", "story", "price", "tone")}
            Product.objects.create(place=place, **fields)
        for p in seed:
            for place, (label, value) in enumerate(p["facts"]):
                Fact.objects.create(product_id=p["sku"], place=place, label=label, value=value)
            for place, (other, reason) in enumerate(p["pairs"]):
                Pairing.objects.create(product_id=p["sku"], place=place, other_id=other, reason=reason)
            for boathouse, count in p["stock"].items():
                Stock.objects.create(product_id=p["sku"], boathouse_id=boathouse, count=count)
