import pg from 'pg';

// A pool of connections. One that breaks while idle (Postgres was restarted) is only worth a line:
// the pool opens another for the next query.
export function openDatabase(url) {
  const pool = new pg.Pool({ connectionString: url, max: 8, connectionTimeoutMillis: 3000 });
  pool.on('error', (error) => console.error(`database connection lost: ${error.message}`));
  return pool;
}

// Runs `work(client)` in a transaction: commits what it returns from, rolls back what it throws in.
export async function transaction(pool, work) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even roll back is of no use to the next caller.
    const broken = await client.query('rollback').then(() => undefined, (failure) => failure);
    client.release(broken);
    throw error;
  }
}
