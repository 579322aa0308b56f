// Two front-end servers: pages fail over when theirs is killed or hangs.
import { expect, testAlone as test } from './cluster.mjs';
import { node, signIn, switchReplica } from './panel.mjs';
import { isOrder, orderButton, placed, readyToOrder } from './shop.mjs';

// Waits until the page has loaded the list of servers, which it requests after its own data.
const serverList = (page) => page.waitForResponse((response) => response.url().endsWith('/api/v1/status/servers'));

const eventStreamFrom = (page, server) => page.waitForResponse((response) => response.url().startsWith(server) && response.url().endsWith('/events') && response.ok());

test('the server is killed with the order in flight: the other one places it once and serves its events and the panel', async ({ page, context, cluster }) => {
  const other = await cluster.startServer();
  const list = serverList(page);
  await readyToOrder(page);
  await list;
  // The panel opens last, because browsers throttle background pages.
  const panel = await context.newPage();
  const panelsList = serverList(panel);
  await panel.goto('/status');
  await signIn(panel, cluster.operatorPassword);
  await expect(node(panel, 'server-2').getByRole('link')).toHaveAttribute('href', `${other}/status`);
  await panelsList;

  // A hung server receives the order and does not forward it, so that the kill falls in the middle of the request.
  await cluster.hangServer(1);
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  const stream = eventStreamFrom(page, other);
  await cluster.killServer(1);
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);

  await stream;
  const token = new URL(page.url()).pathname.split('/').at(-1);
  const response = await fetch(`${other}/api/v1/orders/${token}/cancellation`, { method: 'POST' });
  expect(response.status).toBe(200);
  await expect(page.getByRole('heading', { name: 'Cancelled', level: 1 })).toBeVisible();

  // Session cookies ignore the port, so that the session is valid at the other server too.
  await expect(panel.getByText('Live from server-2')).toBeVisible();
  await expect(node(panel, 'server-2')).toContainText('Answers you');
  await switchReplica(panel, 'replica-2', 'Down', 'Switch it down');
  await expect(node(panel, 'replica-2')).toContainText('Switched down');
});

test('the server hangs before the order: the other one places it once and serves its events @phone', async ({ page, cluster }) => {
  const other = await cluster.startServer();
  const list = serverList(page);
  await readyToOrder(page);
  await list;
  await cluster.hangServer(1);
  const stream = eventStreamFrom(page, other);
  await orderButton(page).click();
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);
  await stream;
});
