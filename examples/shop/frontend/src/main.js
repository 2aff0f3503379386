// The page: shows what the API has, orders a piece, and tells how it went.
import { fetchProducts, placeOrder } from './api.js';
import { pieces } from './pieces.js';

const list = document.querySelector('#products');
const notice = document.querySelector('#notice');
const template = document.querySelector('#product');
const money = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

function tell(text, isError = false) {
  notice.textContent = text;
  notice.classList.toggle('error', isError);
  notice.hidden = text === '';
}

function stockWords(stock) {
  if (stock === 0) return 'Back after the next firing';
  return stock < 10 ? `Only ${stock} left` : `${stock} in stock`;
}

function render(product) {
  const item = template.content.firstElementChild.cloneNode(true);
  const piece = pieces[product.shape] ?? pieces.bowl;
  item.dataset.id = product.id;
  item.style.setProperty('--glaze', product.glaze);
  item.classList.toggle('sold-out', product.stock === 0);
  item.querySelector('.piece').setAttribute('d', piece.outline);
  item.querySelector('.shine').setAttribute('d', piece.shine);
  item.querySelector('.name').textContent = product.name;
  item.querySelector('.description').textContent = product.description;
  item.querySelector('.price').textContent = money.format(product.price_cents / 100);
  item.querySelector('.stock').textContent = stockWords(product.stock);
  const button = item.querySelector('.buy');
  button.disabled = product.stock === 0;
  button.setAttribute('aria-label', `Order one ${product.name}`);
  button.addEventListener('click', () => order(product, button));
  return item;
}

async function show() {
  try {
    const products = await fetchProducts();
    list.replaceChildren(...products.map(render));
    if (notice.classList.contains('error')) tell('');
  } catch (error) {
    tell(`The shelf cannot be shown: ${error.message}`, true);
  } finally {
    list.setAttribute('aria-busy', 'false');
  }
}

async function order(product, button) {
  button.disabled = true;
  try {
    const placed = await placeOrder(product.id);
    tell(`Order ${placed.id} is paid: one ${product.name}, ${money.format(placed.amount_cents / 100)}. Thank you.`);
  } catch (error) {
    tell(error.message, true);
    button.disabled = false;
    return;
  }
  await show();
  list.querySelector(`[data-id="${product.id}"] .buy`)?.focus();
}

// Somebody else may have bought meanwhile.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') show();
});

await show();
