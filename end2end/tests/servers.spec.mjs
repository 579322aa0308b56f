// Two front-end servers: pages go on when the one that served them is gone.
import { expect, testAlone as test } from './cluster.mjs';
import { isOrder, orderButton, placed, readyToOrder } from './shop.mjs';
import { node, signIn, turn } from './panel.mjs';

// The page has learnt where the other server is, which it does once it has what it needs itself.
const learnt = (page) => page.waitForResponse((response) => response.url().endsWith('/api/v1/status/servers'));

async function readyWithTwoServers(page, cluster) {
  const other = await cluster.startServer();
  const list = learnt(page);
  await readyToOrder(page);
  await list;
  return other;
}

test('the server is killed while it has the order: placed once by the other one, whose news the page hears', async ({ page, cluster }) => {
  const other = await readyWithTwoServers(page, cluster);
  // It takes the order in and passes it on to nobody: the kill falls in the middle for certain.
  await cluster.hangServer(1);
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  const news = page.waitForResponse((response) => response.url().startsWith(other) && response.url().endsWith('/events'));
  await cluster.killServer(1);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);

  expect((await news).status()).toBe(200);
  const token = new URL(page.url()).pathname.split('/').at(-1);
  const answer = await fetch(`${other}/api/v1/orders/${token}/cancellation`, { method: 'POST' });
  expect(answer.status).toBe(200);
  await expect(page.getByRole('heading', { name: 'Cancelled', level: 1 })).toBeVisible();
});

test('the server hangs from the press on: placed once by the other one, and followed there', async ({ page, cluster }) => {
  const other = await readyWithTwoServers(page, cluster);
  const news = page.waitForResponse((response) => response.url().startsWith(other) && response.url().endsWith('/events'));
  await cluster.hangServer(1);
  await orderButton(page).click();
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
  expect((await news).status()).toBe(200);
});

test('the status panel goes on at the other server, session and switches included', async ({ page, cluster }) => {
  const other = await cluster.startServer();
  const list = learnt(page);
  await page.goto('/status');
  await signIn(page, cluster.operatorPassword);
  await expect(node(page, 'server-2').getByRole('link')).toHaveAttribute('href', `${other}/status`);
  await list;
  await cluster.killServer(1);
  await expect(page.getByText('Live from server-2')).toBeVisible();
  await expect(node(page, 'server-2')).toContainText('Answers you');
  await turn(page, 'replica-2', 'Down', 'Switch it down');
  await expect(node(page, 'replica-2')).toContainText('Switched down');
});
