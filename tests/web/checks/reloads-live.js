// node reloads-live.js URL STYLESHEET: an edit of the stylesheet reaches the open page without a
// reload, over a web socket to the page's own address.
import { appendFile } from 'node:fs/promises';
import { withPage } from '../browser.js';

const [url, stylesheet] = process.argv.slice(2);
await withPage(url, async (page, open) => {
  const sockets = [];
  page.on('websocket', (socket) => sockets.push(new URL(socket.url())));
  const connected = page.waitForEvent('console', (message) => message.text().includes('[vite] connected'));
  await open();
  await connected;
  await page.evaluate(() => (window.untouched = true));

  await appendFile(stylesheet, '\nbody { outline: 7px solid rgb(1, 2, 3); }\n');
  await page.waitForFunction(() => getComputedStyle(document.body).outlineWidth === '7px');

  if (!(await page.evaluate(() => window.untouched === true))) throw new Error('the page was reloaded');
  const foreign = sockets.filter((socket) => socket.host !== new URL(url).host);
  if (foreign.length > 0) throw new Error(`a web socket went to ${foreign[0].host}`);
});
