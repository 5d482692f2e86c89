"""The personal pages: cart, sign-in, account, reviews. No cache keeps them."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from shop import visitor
from shop.forms import AddForm, ReviewForm, SignInForm
from shop.models import Product

private = cache_control(private=True, no_store=True)


@private
def cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart, at this visitor's prices."""
    lines = [(line, visitor.pays(request, line.product.price) * line.count) for line in visitor.cart_lines(request)]
    return render(request, "cart.html", {"lines": lines, "total": sum(price for _, price in lines)})


@private
@require_POST
def add_to_cart(request: HttpRequest) -> HttpResponse:
    """The target of the form on every product page, sent by the browser or by shop.js."""
    form = AddForm({"count": 1, **request.POST.dict()})
    if not form.is_valid():
        return HttpResponseBadRequest()
    product = form.cleaned_data["sku"]
    visitor.put_into_cart(request, product.sku, form.cleaned_data["count"])
    return JsonResponse({"added": product.sku}) if wants_json(request) else see_other("cart")


@private
@require_POST
def empty_cart(request: HttpRequest) -> HttpResponse:
    """Takes everything out again."""
    visitor.cart_lines(request).delete()
    return see_other("cart")


@method_decorator(private, name="dispatch")
class SignIn(LoginView):
    """Signs in and goes back to where the visitor came from."""

    template_name = "login.html"
    form_class = SignInForm  # type: ignore[assignment]

    def form_valid(self, form: Any) -> HttpResponse:
        """Take the cart along."""
        visitor.sign_in(self.request, form.get_user())
        return see_other(self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """Say so."""
        return self.render_to_response(self.get_context_data(form=form), status=403)


@private
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forgets the visitor."""
    logout(request)
    return see_other("home")


@private
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The customer's own page."""
    return render(request, "account.html", {"bought": visitor.signed_in(request).purchases.select_related("product")})


@private
@require_POST
@login_required
def review(request: HttpRequest, sku: str) -> HttpResponse:
    """Keeps a review; its text becomes one escaped paragraph."""
    product, form = get_object_or_404(Product, pk=sku), ReviewForm({"stars": 5, **request.POST.dict()})
    if not form.is_valid():
        return HttpResponseBadRequest()
    author, said = visitor.signed_in(request).name, form.cleaned_data
    product.reviews.create(author=author, stars=said["stars"], body=format_html("<p>{}</p>", said["text"]))
    return see_other(f"{product.get_absolute_url()}#reviews")


@private
def ask_again(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its CSRF token: the page was cached and had no JavaScript. Show what it would do, and ask."""
    match = request.resolver_match
    if match is None or match.view_name != "add_to_cart" or wants_json(request):
        context = {"title": "That form was too old", "text": "Load the page again, and then send it once more."}
        return render(request, "message.html", context, status=403)
    return render(request, "confirm.html", {"fields": request.POST}, status=403)


def wants_json(request: HttpRequest) -> bool:
    """Whether shop.js asks, and not the browser itself."""
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def see_other(to: str) -> HttpResponse:
    """Lead to another page, which is got."""
    response = redirect(to)
    response.status_code = 303
    return response
