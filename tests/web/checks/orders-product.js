// node orders-product.js URL NAME LEFT: ordering a product says that it is paid, and leaves so many.
import { withPage } from '../browser.js';

const [url, name, left] = process.argv.slice(2);
await withPage(url, async (page, open) => {
  await open();
  await page.getByRole('button', { name: `Order one ${name}` }).click();
  await page.getByRole('status').filter({ hasText: /^Order \d+ is paid/ }).waitFor();
  await page.getByRole('listitem').filter({ hasText: name }).getByText(left, { exact: true }).waitFor();
});
