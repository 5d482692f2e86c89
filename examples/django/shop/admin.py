"""The admin: all tables, customers with their password form."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from shop.models import Boathouse, CartLine, Customer, Fact, Pairing, Product, Purchase, Review, Segment, Stock


@admin.register(Customer)
class CustomerAdmin(UserAdmin):
    """Django's own, for a user without a user name."""

    ordering = ["name"]
    list_display = ["name", "email", "segment"]
    list_filter = ["segment"]
    search_fields = ["name", "email"]
    fieldsets = [
        (None, {"fields": ["name", "email", "password", "segment"]}),
        ("Admin", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "email", "segment", "password1", "password2"]})]


class FactInline(admin.TabularInline):
    """The facts of a product."""

    model = Fact
    extra = 0


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """A product with its facts."""

    list_display = ["name", "sku", "price"]
    inlines = [FactInline]


admin.site.register([Segment, Pairing, Boathouse, Stock, Purchase, Review, CartLine])
