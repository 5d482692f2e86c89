"""How a shop's pages are tested without a browser: `assemble` puts every island into its place, in process."""

from io import StringIO
from unittest.mock import patch

from django.core.management import call_command
from django.test import TestCase
from eyot.django.test import assemble


class ShopTest(TestCase):
    """A visitor of a shop with a database of its own."""

    @classmethod
    def setUpTestData(cls) -> None:
        """Fill it."""
        call_command("seed")

    def setUp(self) -> None:
        """The carrier's second and a half is for browsers."""
        patcher = patch("shop.islands.time.sleep")
        patcher.start()
        self.addCleanup(patcher.stop)

    def sign_in(self, next_page: str = "") -> str:
        """Make the visitor Ada, a member."""
        data = {"email": "ada@example.com", "password": "lock-keeper", "next": next_page}
        answer = self.client.post("/login", data)
        self.assertEqual(answer.status_code, 303)
        return answer.headers["Location"]

    def page(self, path: str) -> str:
        """The whole page, as a browser would have it in the end."""
        return assemble(self.client, self.client.get(path), failing=["Stock"])

    def test_a_stranger_sees_the_list_price_and_a_way_to_sign_in(self) -> None:
        """And the fallback of what is for customers only."""
        page = self.page("/p/lantern")
        self.assertIn("£48.00 <small>list price</small>", page)
        self.assertIn('<span class="who-name">Sign in</span>', page)
        self.assertIn("to see whether you have one", page)

    def test_a_member_sees_name_price_and_letter_on_the_same_shell(self) -> None:
        """The shell's bytes stay; what the islands say is Ada's."""
        shell = self.client.get("/p/lantern").content
        self.sign_in()
        self.assertEqual(self.client.get("/p/lantern").content, shell)
        page = self.page("/p/lantern")
        for part in ("Ada Lock", "£43.20", "left behind a rowing boat", "You bought one on 14 March 2026"):
            self.assertIn(part, page)

    def test_the_shell_is_for_shared_caches(self) -> None:
        """For ten minutes, without a cookie."""
        shell = self.client.get("/p/lantern")
        self.assertEqual(shell.headers["Cache-Control"], "public, max-age=0, s-maxage=600")
        self.assertFalse(shell.cookies)

    def test_the_cart_count_follows_the_cart_and_the_cart_the_visitor(self) -> None:
        """A POST and the next page; a stranger's cart becomes the customer's."""
        self.client.post("/cart/add", {"sku": "rope", "count": "2"})
        self.assertIn('<span class="count some">2</span>', self.page("/"))
        self.sign_in()
        self.assertIn('<span class="count some">2</span>', self.page("/"))

    def test_a_boathouse_that_does_not_answer_shows_its_error_slot(self) -> None:
        """Its handler raises: the page says whom to ring instead."""
        self.assertIn("No answer. Ring 020 7946 0185.", self.page("/p/lantern"))

    def test_nothing_that_is_not_in_the_shop_goes_into_the_cart(self) -> None:
        """Neither a product that does not exist nor less than one of it."""
        for data in ({"sku": "gold", "count": "1"}, {"sku": "rope", "count": "-1"}, {"sku": "rope", "count": "x"}):
            self.assertEqual(self.client.post("/cart/add", data).status_code, 400)

    def test_a_review_is_kept_as_text(self) -> None:
        """Markup in it is no markup."""
        self.sign_in()
        self.client.post("/p/rope/reviews", {"text": "<b>knots</b>", "stars": "4"})
        self.assertIn("<p>&lt;b&gt;knots&lt;/b&gt;</p>", self.page("/p/rope"))

    def test_signing_in_leads_to_no_other_site(self) -> None:
        """Only a path of the shop is gone back to."""
        for target in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
            self.assertEqual(self.sign_in(target), "/")
            self.client.logout()
        self.assertEqual(self.sign_in("/p/rope"), "/p/rope")

    def test_the_pages_are_sound(self) -> None:
        """But for what is meant: the letter is too long for a URL, and a boathouse does not answer."""
        call_command(
            "eyot_audit", "/", "/p/lantern", "--ignore", "props-large", "--ignore", "island-missing", stdout=StringIO()
        )
