// Live updates of an order's page: by events, and by polling where there are none.
import { expect, test, testAlone } from './cluster.mjs';
import { orderButton, placed, readyToOrder } from './shop.mjs';

const isEventStream = (url) => url.pathname.endsWith('/events');

async function placeOrder(page) {
  await readyToOrder(page);
  await orderButton(page).click();
  await placed(page);
  return new URL(page.url()).pathname.split('/').at(-1);
}

// Cancels the order through the API, as another tab of its customer would.
async function cancel(cluster, token) {
  const response = await fetch(`${cluster.url}/api/v1/orders/${token}/cancellation`, { method: 'POST' });
  expect(response.status).toBe(200);
}

const cancelled = (page) => expect(page.getByRole('heading', { name: 'Cancelled', level: 1 })).toBeVisible();

test('events update the page, which does not poll', async ({ page, cluster }) => {
  let polls = 0;
  page.on('request', (request) => {
    if (/\/api\/v1\/orders\/\w+$/.test(new URL(request.url()).pathname) && request.method() === 'GET') polls += 1;
  });
  const stream = page.waitForResponse((response) => isEventStream(new URL(response.url())));
  const token = await placeOrder(page);
  expect((await stream).status()).toBe(200);
  // After four keep-alive events, about 16 seconds, the page is as fresh as they are. Without events it would have polled three
  // times; one poll is allowed for an event that is late on a busy machine.
  const before = polls;
  for (const age of ['2 s ago', 'just now', '2 s ago', 'just now', '2 s ago', 'just now', '2 s ago', 'just now']) await expect(page.getByText(`Last updated ${age}`)).toBeVisible();
  expect(polls - before).toBeLessThan(2);
  await cancel(cluster, token);
  await cancelled(page);
});

test('without an event stream the page polls', async ({ page, cluster }) => {
  await page.route(isEventStream, (route) => route.abort());
  const token = await placeOrder(page);
  await cancel(cluster, token);
  await cancelled(page);
});

testAlone('events continue when the primary is killed', async ({ page, cluster }) => {
  const stream = page.waitForResponse((response) => isEventStream(new URL(response.url())));
  const token = await placeOrder(page);
  await stream;
  await cluster.kill(await cluster.primary());
  await cancel(cluster, token);
  await cancelled(page);
});
