"""The routes. Those of the islands are not among them: the middlewares bring them."""

from django.contrib import admin
from django.urls import path

from shop import pages, personal

urlpatterns = [
    path("", pages.home, name="home"),
    path("p/<slug:sku>", pages.ProductPage.as_view(), name="product"),
    path("p/<slug:sku>/reviews", personal.review, name="review"),
    path("cart", personal.cart, name="cart"),
    path("cart/add", personal.add_to_cart, name="add_to_cart"),
    path("cart/empty", personal.empty_cart, name="empty_cart"),
    path("login", personal.SignIn.as_view(), name="login"),
    path("logout", personal.sign_out, name="logout"),
    path("account", personal.account, name="account"),
    path("admin/", admin.site.urls),
]

handler404 = "shop.pages.not_found"
