// The operator's drill on the status panel, with a real fault and its report.
import AxeBuilder from '@axe-core/playwright';
import { expect, testAlone } from './cluster.mjs';
import { signIn } from './panel.mjs';

testAlone('a drill that kills the primary reports that no order was lost', async ({ page, cluster }) => {
  await page.goto('/status');
  await expect(page.getByRole('heading', { name: 'Everything works' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Drill' })).toHaveCount(0);
  await signIn(page, cluster.operatorPassword);
  const drill = page.getByRole('region', { name: 'Drill' });
  await drill.getByLabel('Orders a second').fill('20');
  await drill.getByLabel('Seconds').fill('5');
  await drill.getByLabel('After a third of the time').selectOption('It is killed');
  // On a busy machine the primary may change at any time; the form follows.
  await expect(async () => {
    const primary = `replica-${await cluster.primary()}`;
    const now = { timeout: 1_000 };
    await expect(drill.getByLabel('Replica')).toContainText(`Primary, now ${primary}`, now);
    await expect(drill).toContainText(`${primary} ends at once`, now);
  }).toPass();
  await drill.getByRole('button', { name: 'Start the drill' }).click();

  await expect(drill.getByRole('button', { name: 'A drill runs' })).toBeDisabled();
  await expect(drill.getByRole('button', { name: 'Stop the drill' })).toBeVisible();
  await expect(drill.getByRole('heading', { name: 'Nothing lost, nothing duplicated, nothing failed' })).toBeVisible();
  const figure = (name) => drill.locator('dt', { hasText: name }).locator('xpath=following-sibling::dd');
  await expect(figure('Sent')).toHaveText('100');
  for (const name of ['Failed', 'Lost', 'Duplicated']) await expect(figure(name)).toHaveText('0');
  await expect(drill.getByRole('img')).toHaveAccessibleName(/before the fault at 1\.\d s.*No order failed\./);
  await expect(drill.getByRole('button', { name: 'Start the drill' })).toBeEnabled();
  const events = page.getByRole('region', { name: 'What happened' });
  await expect(events).toContainText(/drill: replica-\d is killed now/);
  const [, killed] = /drill: (replica-\d) is killed now/.exec(await events.textContent());
  expect(`replica-${await cluster.primary()}`).not.toBe(killed);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);

  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
});
