// Orders while replicas are killed and hung.
import { expect, testAlone as test } from './cluster.mjs';
import { isOrder, openMenu, orderButton, placed, readyToOrder } from './shop.mjs';

test('the primary is killed between basket and order', async ({ page, cluster }) => {
  await readyToOrder(page);
  const first = await cluster.primary();
  await cluster.kill(first);
  await orderButton(page).click();
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
  expect(await cluster.primary()).not.toBe(first);
});

test('the primary is killed at the moment the order is sent', async ({ page, cluster }) => {
  await readyToOrder(page);
  const primary = await cluster.primary();
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  await cluster.kill(primary);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
});

test('two replicas are killed while the order is in flight at the first', async ({ page, cluster }) => {
  await readyToOrder(page);
  const primary = await cluster.primary();
  const other = (primary % 3) + 1;
  // A hung replica receives the order and does not respond, so that the kill falls in the middle of the request.
  await cluster.hang(primary);
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  await Promise.all([cluster.kill(primary), cluster.kill(other)]);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
});

test('without replicas the page keeps the basket and places the order when one is back', async ({ page, cluster }) => {
  await readyToOrder(page);
  for (const replica of [1, 2, 3]) await cluster.kill(replica);
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We cannot take orders just now' })).toBeVisible();
  await expect(page.getByText('Your basket is safe')).toBeVisible();
  await cluster.start(2);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
});

test('a menu that fails to load shows an error and reloads when a replica is back', async ({ page, cluster }) => {
  for (const replica of [1, 2, 3]) await cluster.kill(replica);
  await page.goto('/r/cenere#DH1-3LE');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await cluster.start(1);
  await expect(page.getByRole('heading', { name: 'Cenere', level: 1 })).toBeVisible();
  await openMenu(page);
});
