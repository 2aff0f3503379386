// The demo stack's API: products and orders, kept in Postgres.
// Its settings come from the environment: DATABASE_URL, PAYMENTS_URL and PORT.
import Fastify from 'fastify';
import { openDatabase } from './src/database.js';
import { createOrders } from './src/orders.js';
import { createPayments } from './src/payments.js';
import { createProducts } from './src/products.js';
import { setting } from './src/settings.js';

const database = openDatabase(setting('DATABASE_URL'));
const payments = createPayments(setting('PAYMENTS_URL'));
const products = createProducts(database);
const orders = createOrders(database, payments);

const app = Fastify();

app.get('/healthz', async (_request, reply) => {
  try {
    await database.query('select 1');
    return { status: 'ok' };
  } catch (error) {
    return reply.code(503).send({ status: 'no database', reason: error.message });
  }
});

app.get('/products', () => products.list());

app.get('/products/:id', { schema: { params: numberedBy('id') } }, async (request, reply) => {
  const product = await products.find(request.params.id);
  return product ?? reply.code(404).send({ error: 'There is no such product.' });
});

app.get('/orders', () => orders.list());

app.post('/orders', { schema: { body: orderSchema() } }, async (request, reply) => {
  const { product_id: productId, quantity = 1 } = request.body;
  const result = await orders.place(productId, quantity);
  return result.error ? reply.code(result.status).send({ error: result.error }) : reply.code(201).send(result);
});

app.addHook('onResponse', async (request, reply) => {
  if (request.url !== '/healthz') {
    const took = Math.round(reply.elapsedTime ?? reply.getResponseTime());
    console.log(`${request.method} ${request.url} ${reply.statusCode} ${took}ms`);
  }
});

app.setErrorHandler((error, request, reply) => {
  const status = error.statusCode ?? 500;
  if (status >= 500) console.error(`${request.method} ${request.url}: ${error.stack}`);
  reply.code(status).send({ error: status >= 500 ? 'Something went wrong here.' : error.message });
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await app.close();
    await database.end();
  });
}

const port = Number(setting('PORT'));
await app.listen({ host: '127.0.0.1', port });
console.log(`listening on ${port}`);

function numberedBy(name) {
  return { type: 'object', properties: { [name]: { type: 'integer', minimum: 1, maximum: 2147483647 } } };
}

function orderSchema() {
  return {
    type: 'object',
    required: ['product_id'],
    additionalProperties: false,
    properties: {
      product_id: { type: 'integer', minimum: 1, maximum: 2147483647 },
      quantity: { type: 'integer', minimum: 1, maximum: 100 },
    },
  };
}
