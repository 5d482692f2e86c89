"""The forms, and what they accept."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from shop.models import Customer, Product


class AddForm(forms.Form):
    """What goes into the cart, and how many."""

    sku = forms.ModelChoiceField(Product.objects.all())
    count = forms.IntegerField(min_value=1, max_value=99)


class ReviewForm(forms.Form):
    """What somebody says of a product."""

    text = forms.CharField(max_length=600)
    stars = forms.IntegerField(min_value=1, max_value=5)


class SignInForm(forms.Form):
    """E-mail address and password of an active customer."""

    email = forms.EmailField()
    password = forms.CharField()

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.customer: Customer | None = None

    def clean(self) -> None:
        """Look the customer up."""
        found = authenticate(self.request, **self.cleaned_data)
        if not isinstance(found, Customer):
            raise forms.ValidationError("That name and password do not go together.")
        self.customer = found

    def get_user(self) -> Customer | None:
        """Return who signs in."""
        return self.customer
