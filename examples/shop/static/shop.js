// @ts-check
// Adds to the cart without leaving the page. The form works without this file, and before its CSRF island has come:
// the shop then asks once more, on a page of its own.

/** @param {HTMLFormElement} form @param {string} text */
function say(form, text) {
  const status = form.querySelector("output");
  if (status) status.textContent = text;
}

/** @param {HTMLFormElement} form */
async function add(form) {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`the cart answered ${answer.status}`);
  say(form, "It is in your cart.");
  document.dispatchEvent(new Event("cart-changed"));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-add-to-cart]")) return;
  // Frameworks name it csrf_token, csrfmiddlewaretoken and the like.
  if (!form.querySelector("input[name^=csrf]")) return;
  event.preventDefault();
  add(form).catch(() => form.submit());
});
