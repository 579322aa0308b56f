// An order's page lives by what the server tells it, and manages without.
import { expect, test, testAlone } from './cluster.mjs';
import { orderButton, placed, readyToOrder } from './shop.mjs';

const isNews = (url) => url.pathname.endsWith('/events');

async function order(page) {
  await readyToOrder(page);
  await orderButton(page).click();
  await placed(page);
  return new URL(page.url()).pathname.split('/').at(-1);
}

// As its customer does in another tab.
async function cancel(cluster, token) {
  const answer = await fetch(`${cluster.url}/api/v1/orders/${token}/cancellation`, { method: 'POST' });
  expect(answer.status).toBe(200);
}

const cancelled = (page) => expect(page.getByRole('heading', { name: 'Cancelled', level: 1 })).toBeVisible();

test('what happens to the order is shown without asking for it over and over', async ({ page, cluster }) => {
  let asked = 0;
  page.on('request', (request) => {
    if (/\/api\/v1\/orders\/\w+$/.test(new URL(request.url()).pathname) && request.method() === 'GET') asked += 1;
  });
  const listening = page.waitForResponse((response) => isNews(new URL(response.url())));
  const token = await order(page);
  expect((await listening).status()).toBe(200);
  // Four signs of life later, some 16 seconds, the page is as fresh as they are. Without them it would have asked three times; one
  // that is late on a busy machine it may ask about.
  const before = asked;
  for (const said of ['2 s ago', 'just now', '2 s ago', 'just now', '2 s ago', 'just now', '2 s ago', 'just now']) await expect(page.getByText(`Last updated ${said}`)).toBeVisible();
  expect(asked - before).toBeLessThan(2);
  await cancel(cluster, token);
  await cancelled(page);
});

test('where news cannot come, the page asks', async ({ page, cluster }) => {
  await page.route(isNews, (route) => route.abort());
  const token = await order(page);
  await cancel(cluster, token);
  await cancelled(page);
});

testAlone('news go on when the primary is killed', async ({ page, cluster }) => {
  const listening = page.waitForResponse((response) => isNews(new URL(response.url())));
  const token = await order(page);
  await listening;
  await cluster.kill(await cluster.primary());
  await cancel(cluster, token);
  await cancelled(page);
});
