"""The shop's tables, the same as in every host's shop. Money is in pence."""

from typing import Any

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.urls import reverse


class Segment(models.Model):
    """What a kind of customer pays."""

    name = models.CharField(max_length=20, primary_key=True)
    percent = models.PositiveSmallIntegerField(help_text="of the list price")

    def __str__(self) -> str:
        return self.name


class Customers(BaseUserManager["Customer"]):
    """Makes customers, who have an e-mail address for a name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Customer":
        """Make a customer."""
        customer = self.model(email=self.normalize_email(email), **fields)
        customer.set_password(password)
        customer.save(using=self._db)
        return customer

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Customer":
        """Make somebody who may use the admin."""
        fields = {"is_staff": True, "is_superuser": True, "segment_id": "guest", **fields}
        return self.create_user(email, password, **fields)


class Customer(AbstractUser):
    """Django's own user, with an e-mail address, one name and a segment."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
    segment = models.ForeignKey(Segment, models.PROTECT)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = Customers()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        """The first letters of the name."""
        return "".join(word[0] for word in self.name.split())


class Product(models.Model):
    """A thing for the river."""

    sku = models.SlugField(primary_key=True)
    name = models.CharField(max_length=80)
    line = models.CharField(max_length=200, help_text="one line for the grid")
    story = models.TextField(help_text="a paragraph for the product page")
    price = models.PositiveIntegerField(help_text="the list price; what a visitor pays depends on the segment")
    tone = models.CharField(max_length=20, help_text="the colour behind the picture: a class in shop.css")
    place = models.PositiveSmallIntegerField(help_text="the order in the grid")

    class Meta:
        ordering = ["place"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("product", args=[self.sku])

    @property
    def picture(self) -> str:
        """Its picture among the static files."""
        return f"art/{self.sku}.svg"


class Fact(models.Model):
    """A line of a product's table of facts."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="facts")
    place = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=40)
    value = models.CharField(max_length=120)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["product", "place"], name="one_fact_a_place")]

    def __str__(self) -> str:
        return f"{self.label}: {self.value}"


class Pairing(models.Model):
    """What goes well with what, best first."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="pairings")
    place = models.PositiveSmallIntegerField()
    other = models.ForeignKey(Product, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=120)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["product", "place"], name="one_pairing_a_place")]

    def __str__(self) -> str:
        return f"{self.product_id} and {self.other_id}"


class Boathouse(models.Model):
    """Where the stock lies."""

    name = models.CharField(max_length=40, primary_key=True)
    phone = models.CharField(max_length=20)
    answers = models.BooleanField(help_text="if not, its computer is under water, and asking it raises")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Stock(models.Model):
    """How many of a product lie in a boathouse."""

    product = models.ForeignKey(Product, models.CASCADE)
    boathouse = models.ForeignKey(Boathouse, models.CASCADE)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "boathouse"], name="one_stock_a_boathouse")]

    def __str__(self) -> str:
        return f"{self.count} {self.product_id} at {self.boathouse_id}"


class Purchase(models.Model):
    """What a customer bought, and when."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="purchases")
    product = models.ForeignKey(Product, models.CASCADE)
    day = models.DateField()

    class Meta:
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.product_id}, {self.day}"


class Review(models.Model):
    """What somebody said of a product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="reviews")
    author = models.CharField(max_length=80)
    stars = models.PositiveSmallIntegerField()
    body = models.TextField(help_text="HTML: seeded text went through a sanitizer, the form's text is escaped")

    def __str__(self) -> str:
        return f"{self.author}: {'★' * self.stars}"


class CartLine(models.Model):
    """A product in a cart."""

    owner = models.CharField(max_length=60, help_text="a customer's id, or the random name of a stranger's cart")
    product = models.ForeignKey(Product, models.CASCADE)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "product"], name="one_line_a_product")]

    def __str__(self) -> str:
        return f"{self.count} {self.product_id}"
