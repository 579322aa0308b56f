// The API documentation page with its request console.
import { expect, test } from './cluster.mjs';

test('the API documentation works without other origins @desk', async ({ page, baseURL }) => {
  const messages = [];
  page.on('console', (message) => messages.push(message.text()));
  page.on('pageerror', (error) => messages.push(error.message));
  const otherOrigins = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL) && !request.url().startsWith('data:')) otherOrigins.push(request.url());
  });
  await page.goto('/api/docs');
  await expect(page.getByRole('heading', { name: /Tiffin: shop, orders and staff/ })).toBeVisible();
  const operation = page.locator('#operations-Shop-checkAddress');
  await operation.getByRole('button', { name: /address-checks/ }).first().click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('textbox').fill('{"postcode": "dh1-3el"}');
  await operation.getByRole('button', { name: 'Execute' }).click();
  const response = operation.locator('.live-responses-table');
  await expect(response).toContainText('"DH1 3EL"');
  await expect(response).toContainText('200');

  await page.getByRole('combobox', { name: 'Select a definition' }).selectOption('Status and events');
  await expect(page.getByRole('heading', { name: /Tiffin: status and events/ })).toBeVisible();
  await expect(page.locator('#operations-Status-switchReplica')).toBeVisible();
  expect(messages).toEqual([]);
  expect(otherOrigins).toEqual([]);
});
