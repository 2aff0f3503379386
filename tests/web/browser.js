// A headless Chromium that talks to nobody but the page under test.
import { chromium } from 'playwright-core';

const options = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
};

// Opens the page at `url`, runs check(page), and fails when the page threw an error meanwhile.
export async function withPage(url, check) {
  const browser = await chromium.launch(options);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(error));
    await check(page, () => page.goto(url));
    if (errors.length > 0) throw errors[0];
  } finally {
    await browser.close();
  }
}
