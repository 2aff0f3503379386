// Brings the database up to date: runs the files in migrations/ that it has not seen yet, in the
// order of their names, each in a transaction together with the note that it ran. Run it as often
// as you like; of two that run at once, one waits for the other.
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { setting } from './src/settings.js';

const folder = new URL('./migrations/', import.meta.url);
const lock = 5073001; // any number does, as long as every migration of this database takes the same

const client = new pg.Client({ connectionString: setting('DATABASE_URL') });
await client.connect();
try {
  await client.query('select pg_advisory_lock($1)', [lock]);
  await migrate();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client.end();
}

async function migrate() {
  await client.query(`create table if not exists schema_migrations (
    name text primary key, applied_at timestamptz not null default now())`);
  const { rows } = await client.query('select name from schema_migrations');
  const applied = new Set(rows.map((row) => row.name));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const missing = names.filter((name) => !applied.has(name));
  for (const name of missing) await apply(name);
  console.log(missing.length ? `${missing.length} of ${names.length} migrations applied` : 'nothing to migrate');
}

async function apply(name) {
  const sql = await readFile(new URL(name, folder), 'utf8');
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into schema_migrations (name) values ($1)', [name]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migrations/${name}: ${error.message}`, { cause: error });
  }
  console.log(`applied ${name}`);
}
