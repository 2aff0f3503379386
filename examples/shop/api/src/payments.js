// The payments provider. In the demo stack a mock server made from its OpenAPI file stands in.
export function createPayments(url) {
  return {
    // Charges an order and returns the payment's id; throws when the provider says no or nothing.
    async charge(orderId, amountCents) {
      const response = await fetch(new URL('/payments', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ reference: `order-${orderId}`, amount_cents: amountCents, currency: 'EUR' }),
        signal: AbortSignal.timeout(5000),
      });
      if (!response.ok) throw new Error(`payments answered ${response.status}`);
      const payment = await response.json();
      if (payment.status !== 'succeeded') throw new Error(`payment is ${payment.status}`);
      return payment.id;
    },
  };
}
