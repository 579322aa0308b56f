// Two front-end servers: pages go on when the one that served them is gone.
import { expect, testAlone as test } from './cluster.mjs';
import { node, signIn, turn } from './panel.mjs';
import { isOrder, orderButton, placed, readyToOrder } from './shop.mjs';

// The page has learnt where the other server is, which it does once it has what it needs itself.
const learnt = (page) => page.waitForResponse((response) => response.url().endsWith('/api/v1/status/servers'));

const newsFrom = (page, server) => page.waitForResponse((response) => response.url().startsWith(server) && response.url().endsWith('/events') && response.ok());

test('the server is killed while it has the order: the other one places it once, tells its news, and answers the panel', async ({ page, context, cluster }) => {
  const other = await cluster.startServer();
  const list = learnt(page);
  await readyToOrder(page);
  await list;
  // Afterwards, because a browser gives a page in the background little time.
  const panel = await context.newPage();
  const panelsList = learnt(panel);
  await panel.goto('/status');
  await signIn(panel, cluster.operatorPassword);
  await expect(node(panel, 'server-2').getByRole('link')).toHaveAttribute('href', `${other}/status`);
  await panelsList;

  // It takes the order in and passes it on to nobody: the kill falls in the middle for certain.
  await cluster.hangServer(1);
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  const news = newsFrom(page, other);
  await cluster.killServer(1);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);

  await news;
  const token = new URL(page.url()).pathname.split('/').at(-1);
  const answer = await fetch(`${other}/api/v1/orders/${token}/cancellation`, { method: 'POST' });
  expect(answer.status).toBe(200);
  await expect(page.getByRole('heading', { name: 'Cancelled', level: 1 })).toBeVisible();

  // The session goes by host, and so is good at the other one too.
  await expect(panel.getByText('Live from server-2')).toBeVisible();
  await expect(node(panel, 'server-2')).toContainText('Answers you');
  await turn(panel, 'replica-2', 'Down', 'Switch it down');
  await expect(node(panel, 'replica-2')).toContainText('Switched down');
});

test('the server hangs from the press on: the other one places the order once, and tells its news @phone', async ({ page, cluster }) => {
  const other = await cluster.startServer();
  const list = learnt(page);
  await readyToOrder(page);
  await list;
  await cluster.hangServer(1);
  const news = newsFrom(page, other);
  await orderButton(page).click();
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
  await news;
});
