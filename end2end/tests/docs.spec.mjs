// The page that shows the API and tries requests out.
import { expect, test } from './cluster.mjs';

test('the API is shown and can be tried out, with everything from the server itself @desk', async ({ page, baseURL }) => {
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(error.message));
  const elsewhere = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL) && !request.url().startsWith('data:')) elsewhere.push(request.url());
  });
  await page.goto('/api/docs');
  await expect(page.getByRole('heading', { name: /Tiffin: shop, orders and staff/ })).toBeVisible();
  const operation = page.locator('#operations-Shop-checkAddress');
  await operation.getByRole('button', { name: /address-checks/ }).first().click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('textbox').fill('{"postcode": "dh1-3el"}');
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table');
  await expect(answer).toContainText('"DH1 3EL"');
  await expect(answer).toContainText('200');

  await page.getByRole('combobox', { name: 'Select a definition' }).selectOption('Status and news');
  await expect(page.getByRole('heading', { name: /Tiffin: status and news/ })).toBeVisible();
  await expect(page.locator('#operations-Status-switchReplica')).toBeVisible();
  expect(said).toEqual([]);
  expect(elsewhere).toEqual([]);
});
