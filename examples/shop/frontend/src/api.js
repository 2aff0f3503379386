// The API, which answers at the page's own address.

async function json(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? `the API answered ${response.status}`);
  return body;
}

export async function fetchProducts() {
  return json(await fetch('/products'));
}

export async function placeOrder(productId, quantity = 1) {
  return json(
    await fetch('/orders', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ product_id: productId, quantity }),
    }),
  );
}
