"""The shop's tables, as `../../shop/schema.sql` makes them."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What all of them are."""


class Product(Base):
    """Something that is sold; its price is in pence."""

    __tablename__ = "product"
    sku: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    line: Mapped[str]
    story: Mapped[str]
    price: Mapped[int]
    tone: Mapped[str]
    place: Mapped[int]


class Fact(Base):
    """A line of a product's table of facts."""

    __tablename__ = "fact"
    sku: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    value: Mapped[str]


class Pairing(Base):
    """What goes well with a product."""

    __tablename__ = "pairing"
    sku: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    other: Mapped[str] = mapped_column(ForeignKey("product.sku"))
    reason: Mapped[str]
    product: Mapped[Product] = relationship(lazy="joined")


class Boathouse(Base):
    """Where the stock lies."""

    __tablename__ = "boathouse"
    name: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str]
    answers: Mapped[bool]


class Stock(Base):
    """How much of a product a boathouse has."""

    __tablename__ = "stock"
    sku: Mapped[str] = mapped_column(primary_key=True)
    boathouse: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class Segment(Base):
    """What a kind of customer pays, in per cent of the list price."""

    __tablename__ = "segment"
    name: Mapped[str] = mapped_column(primary_key=True)
    percent: Mapped[int]


class Customer(Base):
    """Somebody who can sign in."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    password: Mapped[str]
    segment: Mapped[str] = mapped_column(ForeignKey("segment.name"))
    terms: Mapped[Segment] = relationship(lazy="joined")

    @property
    def percent(self) -> int:
        """What the customer's segment pays."""
        return self.terms.percent


class Purchase(Base):
    """What a customer bought, and on which day."""

    __tablename__ = "purchase"
    customer: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"), primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    product: Mapped[Product] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        """The product's name."""
        return self.product.name


class Review(Base):
    """What somebody says of a product; the body is HTML."""

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str]
    author: Mapped[str]
    stars: Mapped[int]
    body: Mapped[str]


class CartLine(Base):
    """A product in somebody's cart."""

    __tablename__ = "cart_line"
    owner: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("product.sku"), primary_key=True)
    count: Mapped[int]
    product: Mapped[Product] = relationship(lazy="joined")

    @property
    def name(self) -> str:
        """The product's name."""
        return self.product.name

    @property
    def price(self) -> int:
        """The product's list price."""
        return self.product.price
