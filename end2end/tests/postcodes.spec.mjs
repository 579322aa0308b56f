// Postcodes of every kind: what the page says of each, and that nobody is left without a way to order.
import { expect, test, testAlone } from './cluster.mjs';
import { CRUST, add, enter, openMenu, orderButton, placed, sayWho, search, toCheckout } from './shop.mjs';

const collectable = (page) => page.getByRole('link', { name: 'Cenere' });

test('junk is refused beside the field', async ({ page }) => {
  await search(page, 'junkSW1A 1AA');
  const field = page.getByLabel('Your postcode');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(/not a complete UK postcode/);
  await expect(field).toBeFocused();
  await expect(page).toHaveURL(/\/$/);
});

test('a mistyped one is one tap away from what was meant', async ({ page }) => {
  await search(page, 'WIA OAA');
  await page.getByRole('button', { name: 'Did you mean W1A 0AA?' }).click();
  await expect(page.getByRole('heading', { name: 'Food for W1A 0AA' })).toBeVisible();
  await expect(page).toHaveURL(/#W1A-0AA$/);
});

test('an area that does not exist is refused before anybody is asked', async ({ page }) => {
  await search(page, 'QX1 1AA');
  await expect(page.getByLabel('Your postcode')).toHaveAccessibleDescription(/QX/);
});

test('forces mail and retired codes have words of their own', async ({ page }) => {
  await search(page, 'BFPO 12');
  await expect(page.getByRole('alert')).toContainText(/forces/i);
  await page.getByLabel('Your postcode').fill('GIR 0AA');
  await page.getByRole('button', { name: 'Find food' }).click();
  await expect(page.getByRole('alert')).not.toContainText(/forces/i);
  await expect(page.getByRole('alert')).toContainText('GIR 0AA');
});

test('one that nobody knows: said so, and collection is offered', async ({ page }) => {
  await search(page, 'DH1 3ZZ');
  await expect(page.getByText('We do not know the postcode DH1 3ZZ')).toBeVisible();
  await expect(collectable(page)).toBeVisible();
});

test('one that is no longer in use', async ({ page }) => {
  await search(page, 'AB1 0AA');
  await expect(page.getByText('AB1 0AA is no longer in use')).toBeVisible();
  await expect(page.getByText(/withdrawn in 1996/)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'To collect' })).toBeVisible();
});

test('one offshore cannot be placed on the map', async ({ page }) => {
  await search(page, 'JE2 4WD');
  await expect(page.getByText('We cannot place JE2 4WD on the map')).toBeVisible();
  await expect(collectable(page)).toBeVisible();
});

test('where nobody delivers, one can still collect', async ({ page, cluster }) => {
  await search(page, 'AB10 1AB');
  await expect(page.getByText('Nobody here delivers to AB10 1AB yet')).toBeVisible();
  await expect(page.getByText(/^Delivering to/)).toBeHidden();
  await page.getByText('Further away').click();
  await collectable(page).click();
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await expect(page.getByRole('radio', { name: /^Collection/ })).toBeChecked();
  await sayWho(page, { address: null });
  await orderButton(page).click();
  await placed(page);
  expect((await cluster.orders()).at(-1).fulfilment).toBe('collection');
});

test('an order outside the area is not taken for delivery', async ({ page, cluster }) => {
  const before = (await cluster.orders()).length;
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await sayWho(page);
  await page.getByLabel('Postcode').fill('AB10 1AB');
  await expect(page.getByRole('button', { name: 'Collect instead' })).toBeVisible();
  await page.getByRole('button', { name: 'Not ready to order: see why' }).click();
  await expect(page.getByRole('alert')).toContainText('outside the area');
  expect((await cluster.orders()).length).toBe(before);
});

for (const mode of ['away', 'slow', 'nonsense']) {
  testAlone(`both providers ${mode}: the table of postcodes serves`, async ({ page, cluster }) => {
    await cluster.providers(mode);
    await search(page, 'DH1 3LE');
    await expect(page.getByRole('heading', { name: 'Delivering to DH1 3LE' })).toBeVisible();
    await collectable(page).click();
    await add(page, 'Margherita', [CRUST]);
    await add(page, 'Margherita', [CRUST]);
    await toCheckout(page);
    await sayWho(page);
    await orderButton(page).click();
    await placed(page);
    expect(await cluster.orders()).toHaveLength(1);
    if (mode !== 'away') return;
    // Not in the table, but its neighbours are.
    await page.goto('/');
    await enter(page, 'DH1 3ZZ', 'Find food');
    await expect(page.getByText('We know only roughly where DH1 3ZZ is')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Delivering to DH1 3ZZ' })).toBeVisible();
  });
}
