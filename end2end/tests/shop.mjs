// Actions of a customer, with elements found by role and label.
import { expect } from './cluster.mjs';

export const POSTCODE = 'DH1 3LE';
export const CRUST = 'Classic, soft and blistered';

export const isPhone = (page) => page.viewportSize().width < 700;

export const inAddress = (postcode) => postcode.replace(' ', '-');

// Searches restaurants from the home page.
export async function search(page, text) {
  await page.goto('/');
  await enter(page, text, 'Find food');
}

export async function enter(page, text, button) {
  // The button does nothing before the app has replaced the static shell.
  await expect(page.getByRole('heading', { name: 'How it works' })).toBeVisible();
  await page.getByLabel('Your postcode').fill(text);
  await page.getByRole('button', { name: button }).click();
}

export async function openMenu(page, slug = 'cenere', postcode = POSTCODE) {
  await page.goto(`/r/${slug}#${inAddress(postcode)}`);
  await expect(page.getByRole('searchbox', { name: 'Search this menu' })).toBeVisible();
}

// Adds one portion of a dish, with the choices that it asks for.
export async function add(page, dish, choices = []) {
  await page.getByRole('button', { name: new RegExp(`^Add ${dish}(,|$)`) }).click();
  if (choices.length === 0) return;
  const sheet = page.getByRole('dialog', { name: dish });
  for (const choice of choices) await sheet.getByLabel(choice).check();
  await sheet.getByRole('button', { name: /^Add/ }).click();
  await expect(sheet).toBeHidden();
}

export async function viewBasket(page) {
  if (isPhone(page)) await page.getByRole('button', { name: /View basket/ }).click();
}

export async function toCheckout(page) {
  await viewBasket(page);
  await page.getByRole('link', { name: 'Go to checkout' }).click();
  await expect(page.getByRole('heading', { name: 'Checkout', level: 1 })).toBeVisible();
}

export const phone = (page) => page.getByRole('textbox', { name: 'Phone' });

export async function fillContact(page, { address = '1 Palace Green' } = {}) {
  if (address) await page.getByLabel('House and street').fill(address);
  await page.getByRole('textbox', { name: 'Name' }).fill('Ada Lovelace');
  await phone(page).fill('0191 498 0001');
}

// The order button, which has several wordings; all contain the obligation to pay.
export const orderButton = (page) => page.getByRole('button', { name: /obligation to pay £/ });

// Fills the basket with two pizzas and the form, up to the enabled order button.
export async function readyToOrder(page) {
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await fillContact(page);
  await expect(orderButton(page)).toBeEnabled();
}

// Waits for the order page and returns the order number.
export async function placed(page) {
  await page.waitForURL(/\/orders\/[\w-]+$/);
  await expect(page.getByRole('heading', { name: 'Placed', level: 1 })).toBeVisible();
  const text = await page.getByText(/^Number \d+/).first().textContent();
  return Number(text.match(/\d+/)[0]);
}

export const isOrder = (request) => request.method() === 'POST' && new URL(request.url()).pathname === '/api/v1/orders';

export const pence = (text) => Number(text.replace(/[^\d.]/g, '')) * 100;
