// One basket is one order, whatever happens between the press and the answer.
import { expect, test } from './cluster.mjs';
import { isOrder, orderButton, placed, readyToOrder, sayWho } from './shop.mjs';

const ORDERS = '**/api/v1/orders';

// Orders that were made since: by the database, not by the page.
const since = async (cluster, before) => (await cluster.orders()).slice(before.length);

test('two tabs with the same basket, both pressed', async ({ page, context, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await sayWho(second);
  await expect(orderButton(second)).toBeEnabled();
  await Promise.all([page, second].map((tab) => orderButton(tab).evaluate((button) => button.click())));
  const number = await placed(page);
  expect(await placed(second)).toBe(number);
  expect(second.url()).toBe(page.url());
  expect(await since(cluster, before)).toMatchObject([{ number }]);
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
  expect(await since(cluster, before)).toMatchObject([{ number }]);
});

test('reloaded before the answer came: the page finds the order', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  let arrived;
  const stored = new Promise((resolve) => (arrived = resolve));
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    // Placed, and the answer never reaches the page: the request stays open until the reload breaks it.
    arrived();
  });
  await orderButton(page).click();
  await expect(page.getByRole('button', { name: 'Sending…' })).toBeDisabled();
  await stored;
  await page.reload();
  const number = await placed(page);
  expect(await since(cluster, before)).toMatchObject([{ number }]);
  await page.goto('/checkout');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});

test('the connection is lost after the order arrived: the page asks and finds it', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  const asked = page.waitForRequest(/\/orders-by-key\//);
  await orderButton(page).click();
  await asked;
  const number = await placed(page);
  expect(await since(cluster, before)).toMatchObject([{ number }]);
});

test('an order that never arrived is told as such, and trying again places one', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  await page.route(ORDERS, (route) => route.abort('connectionreset'));
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We are checking whether it arrived' })).toBeVisible();
  await expect(page.getByText('Not placed', { exact: true })).toBeVisible();
  await expect(page.getByText('Nothing was charged; your basket is safe. You can try again now.')).toBeVisible();
  expect(await since(cluster, before)).toEqual([]);
  await page.unroute(ORDERS);
  const again = page.getByRole('button', { name: /^Try again: order with obligation to pay/ });
  await again.click();
  const number = await placed(page);
  expect(await since(cluster, before)).toMatchObject([{ number }]);
});

test('while the truth cannot be asked for, the page keeps asking, and says it in the end', async ({ page, cluster }) => {
  const before = await cluster.orders();
  await readyToOrder(page);
  let asked = 0;
  await page.route('**/api/v1/orders-by-key/*', (route) => (++asked < 3 ? route.abort('connectionreset') : route.continue()));
  await page.route(ORDERS, async (route) => {
    await route.fetch();
    await route.abort('connectionreset');
  });
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We are checking whether it arrived' })).toBeVisible();
  const number = await placed(page);
  expect(asked).toBeGreaterThanOrEqual(3);
  expect(await since(cluster, before)).toMatchObject([{ number }]);
});
