import { transaction } from './database.js';

export function createOrders(database, payments) {
  // Takes the pieces off the shelf and writes the order down, both or neither.
  function reserve(productId, quantity) {
    return transaction(database, async (client) => {
      const taken = await client.query(
        'update products set stock = stock - $2 where id = $1 and stock >= $2 returning price_cents',
        [productId, quantity],
      );
      if (taken.rowCount === 0) return undefined;
      const { rows } = await client.query(
        `insert into orders (product_id, quantity, amount_cents) values ($1, $2, $3)
         returning id, product_id, quantity, amount_cents, status`,
        [productId, quantity, taken.rows[0].price_cents * quantity],
      );
      return rows[0];
    });
  }

  function cancel(order) {
    return transaction(database, async (client) => {
      await client.query("update orders set status = 'cancelled' where id = $1", [order.id]);
      await client.query('update products set stock = stock + $2 where id = $1', [order.product_id, order.quantity]);
    });
  }

  async function whyNot(productId) {
    const { rowCount } = await database.query('select from products where id = $1', [productId]);
    return rowCount === 0
      ? { status: 404, error: 'There is no such product.' }
      : { status: 409, error: 'There are not enough pieces left.' };
  }

  return {
    async list() {
      const { rows } = await database.query(
        `select id, product_id, quantity, amount_cents, status, payment_id, created_at
           from orders order by id desc limit 50`,
      );
      return rows;
    },

    // No transaction is open while the payments provider is asked: it may take its time.
    async place(productId, quantity) {
      const order = await reserve(productId, quantity);
      if (!order) return whyNot(productId);
      try {
        const paymentId = await payments.charge(order.id, order.amount_cents);
        await database.query("update orders set status = 'paid', payment_id = $2 where id = $1", [order.id, paymentId]);
        return { ...order, status: 'paid', payment_id: paymentId };
      } catch (error) {
        console.error(`order ${order.id} cancelled: ${error.message}`);
        await cancel(order);
        return { status: 502, error: 'The payment did not go through.' };
      }
    },
  };
}
