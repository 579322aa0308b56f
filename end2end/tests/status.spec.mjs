// The status panel: the public view and the operator's switches.
import { expect, test, testAlone } from './cluster.mjs';
import { node, signIn, switchReplica } from './panel.mjs';
import { isOrder, orderButton, placed, readyToOrder, search } from './shop.mjs';

test('the public view shows servers, replicas, primary and providers, and no switches', async ({ page, cluster }) => {
  await search(page, 'DH1 3LE');
  await page.getByRole('link', { name: 'Status' }).click();
  await expect(page.getByRole('heading', { name: 'Everything works', level: 1 })).toBeVisible();
  await expect(node(page, 'server-1')).toContainText('Answers you');
  for (const replica of ['replica-1', 'replica-2', 'replica-3']) await expect(node(page, replica)).toContainText('Available');
  // On a busy machine the primary may change at any time; the panel follows.
  await expect(async () => {
    const primary = await cluster.primary();
    for (const number of [1, 2, 3]) {
      const replica = expect(node(page, `replica-${number}`));
      await (number === primary ? replica : replica.not).toContainText('Primary', { timeout: 1_000 });
    }
  }).toPass();
  for (const provider of ['postcodes.io', 'findthatpostcode.uk']) await expect(node(page, provider)).toContainText('Answers');
  await expect(node(page, 'Registry')).toContainText('Readable');
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText('replica-3');
  await expect(page.getByRole('group', { name: /^Switch/ })).toHaveCount(0);
  // The public view hides the addresses of replicas.
  await expect(page.getByRole('main')).not.toContainText('127.0.0.1');
});

test('a wrong password is refused; the switches appear after sign-in and disappear after sign-out', async ({ page, cluster }) => {
  await page.goto('/status');
  const dialog = await signIn(page, 'not this one');
  await expect(dialog.getByRole('alert')).not.toBeEmpty();
  await expect(dialog.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
  await dialog.getByLabel('Password').fill(cluster.operatorPassword);
  await dialog.getByLabel('Password').press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('group', { name: /^Switch/ })).toHaveCount(3);
  await page.reload();
  await expect(page.getByRole('group', { name: /^Switch/ })).toHaveCount(3);

  // Cancelling the confirmation leaves the replica as it was.
  await page.getByRole('group', { name: 'Switch replica-2' }).getByRole('button', { name: 'Down' }).click();
  const question = page.getByRole('dialog', { name: 'Switch replica-2 down?' });
  await expect(question).toContainText('It behaves as dead');
  await question.getByRole('button', { name: 'Leave it' }).click();
  await expect(question).toBeHidden();
  await expect(node(page, 'replica-2')).toContainText('Available');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('group', { name: /^Switch/ })).toHaveCount(0);
});

testAlone('the operator switches the primary down and up while an order is placed', async ({ page, context, cluster }) => {
  await readyToOrder(page);
  const panel = await context.newPage();
  await panel.goto('/status');
  await signIn(panel, cluster.operatorPassword);
  const first = `replica-${await cluster.primary()}`;

  // Holds the order request until the switch is done.
  let release;
  const switched = new Promise((resolve) => (release = resolve));
  await page.route('**/api/v1/orders', async (route) => {
    await switched;
    await route.continue();
  });
  const sent = page.waitForRequest(isOrder);
  await orderButton(page).click();
  await sent;
  await switchReplica(panel, first, 'Down', 'Switch it down');
  release();
  const number = await placed(page);
  expect(await cluster.orders()).toMatchObject([{ number }]);

  await expect(node(panel, first)).toContainText('Switched down');
  await expect(panel.getByRole('heading', { name: 'Taking orders with 2 of 3 replicas' })).toBeVisible();
  const second = `replica-${await cluster.primary()}`;
  expect(second).not.toBe(first);
  await expect(node(panel, second)).toContainText('Primary');
  const events = panel.getByRole('region', { name: 'What happened' }).getByRole('listitem');
  await expect(events.filter({ hasText: /Switched/ }).filter({ hasText: first }).first()).toBeVisible();

  await switchReplica(panel, first, 'Up', 'Switch it up');
  await expect(node(panel, first)).toContainText('Available');
  await expect(panel.getByRole('heading', { name: 'Everything works' })).toBeVisible();

  // The first replica serves again: the order page loads while the second drains.
  await switchReplica(panel, second, 'Draining', 'Drain it');
  await expect(node(panel, second)).toContainText('Draining');
  await page.reload();
  expect(await placed(page)).toBe(number);
});

testAlone('the panel shows a killed replica and works without any replica', async ({ page, cluster }) => {
  await page.goto('/status');
  await expect(page.getByRole('heading', { name: 'Everything works' })).toBeVisible();
  const first = await cluster.primary();
  await cluster.kill(first);
  await expect(page.getByRole('heading', { name: 'Taking orders with 2 of' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'What happened' })).toContainText(`replica-${first}`);
  for (const replica of [1, 2, 3].filter((replica) => replica !== first)) await cluster.kill(replica);
  await expect(page.getByRole('heading', { name: 'No replica is available' })).toBeVisible();
  await cluster.start(first);
  await expect(node(page, `replica-${first}`)).toContainText('Primary');
});
