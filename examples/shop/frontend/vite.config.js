import { defineConfig } from 'vite';

// Behind the gateway page and API share an address. Opened on Vite's own port, the page finds the
// API through Vite, which learns the address from API_URL.
const api = process.env.API_URL;

export default defineConfig({
  clearScreen: false,
  server: {
    proxy: api ? { '/products': api, '/orders': api } : {},
  },
});
