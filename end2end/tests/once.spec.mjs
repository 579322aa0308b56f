// Exactly once: one basket becomes one order, whatever happens between request and response.
import { expect, test } from './cluster.mjs';
import { isOrder, orderButton, placed, readyToOrder, fillContact } from './shop.mjs';

const ORDERS = '**/api/v1/orders';

// The orders in the database that were placed after `before`.
const ordersSince = async (cluster, before) => (await cluster.orders()).slice(before.length);

test('two tabs place the same basket at once', async ({ page, context, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await fillContact(second);
  await expect(orderButton(second)).toBeEnabled();
  await Promise.all([page, second].map((tab) => orderButton(tab).evaluate((button) => button.click())));
  const number = await placed(page);
  expect(await placed(second)).toBe(number);
  expect(second.url()).toBe(page.url());
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
});

test('a double tap', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  const sent = [];
  page.on('request', (request) => isOrder(request) && sent.push(request));
  await orderButton(page).evaluate((button) => {
    button.click();
    button.click();
  });
  const number = await placed(page);
  expect(sent).toHaveLength(1);
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
});

test('after a reload before the response the page finds the order', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  let resolveStored;
  const stored = new Promise((resolve) => (resolveStored = resolve));
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    // The order is placed and the response never reaches the page: the request stays open until the reload.
    resolveStored();
  });
  await orderButton(page).click();
  await expect(page.getByRole('button', { name: 'Sending…' })).toBeDisabled();
  await stored;
  await page.reload();
  const number = await placed(page);
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
  await page.goto('/checkout');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});

test('after a lost response the page looks the order up and finds it', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  const lookup = page.waitForRequest(/\/orders-by-key\//);
  await orderButton(page).click();
  await lookup;
  const number = await placed(page);
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
});

test('an order that never arrived is shown as not placed, and a retry places one', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  await page.route(ORDERS, (route) => route.abort('connectionreset'));
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We are checking whether it arrived' })).toBeVisible();
  await expect(page.getByText('Not placed', { exact: true })).toBeVisible();
  await expect(page.getByText('Nothing was charged; your basket is safe. You can try again now.')).toBeVisible();
  expect(await ordersSince(cluster, before)).toEqual([]);
  await page.unroute(ORDERS);
  const retry = page.getByRole('button', { name: /^Try again: order with obligation to pay/ });
  await retry.click();
  const number = await placed(page);
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
});

test('while the lookup fails the page repeats it until it finds the order', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  let lookups = 0;
  await page.route('**/api/v1/orders-by-key/*', (route) => (++lookups < 3 ? route.abort('connectionreset') : route.continue()));
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We are checking whether it arrived' })).toBeVisible();
  const number = await placed(page);
  expect(lookups).toBeGreaterThanOrEqual(3);
  expect(await ordersSince(cluster, before)).toMatchObject([{ number }]);
});
