const columns = 'id, name, description, price_cents, stock, shape, glaze';

export function createProducts(database) {
  return {
    async list() {
      const { rows } = await database.query(`select ${columns} from products order by id`);
      return rows;
    },

    async find(id) {
      const { rows } = await database.query(`select ${columns} from products where id = $1`, [id]);
      return rows[0];
    },
  };
}
