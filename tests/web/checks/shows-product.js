// node shows-product.js URL NAME: the page lists a product of that name.
import { withPage } from '../browser.js';

const [url, name] = process.argv.slice(2);
await withPage(url, async (page, open) => {
  await open();
  await page.getByRole('heading', { name, exact: true }).waitFor();
});
