// Every kind of postcode: its message, and a way to order for each.
import { expect, test, testAlone } from './cluster.mjs';
import { CRUST, add, enter, openMenu, orderButton, placed, fillContact, search, toCheckout } from './shop.mjs';

const collectionLink = (page) => page.getByRole('link', { name: 'Cenere' });

test('an invalid postcode is reported at the field', async ({ page }) => {
  await search(page, 'junkSW1A 1AA');
  const field = page.getByLabel('Your postcode');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(/not a complete UK postcode/);
  await expect(field).toBeFocused();
  await expect(page).toHaveURL(/\/$/);
});

test('a mistyped postcode offers the likely one', async ({ page }) => {
  await search(page, 'WIA OAA');
  await page.getByRole('button', { name: 'Did you mean W1A 0AA?' }).click();
  await expect(page.getByRole('heading', { name: 'Food for W1A 0AA' })).toBeVisible();
  await expect(page).toHaveURL(/#W1A-0AA$/);
});

test('an unknown postcode area is refused without a request', async ({ page }) => {
  await search(page, 'QX1 1AA');
  await expect(page.getByLabel('Your postcode')).toHaveAccessibleDescription(/QX/);
});

test('forces mail and retired codes have their own messages', async ({ page }) => {
  await search(page, 'BFPO 12');
  await expect(page.getByRole('alert')).toContainText(/forces/i);
  await page.getByLabel('Your postcode').fill('GIR 0AA');
  await page.getByRole('button', { name: 'Find food' }).click();
  await expect(page.getByRole('alert')).not.toContainText(/forces/i);
  await expect(page.getByRole('alert')).toContainText('GIR 0AA');
});

test('an unknown postcode offers collection', async ({ page }) => {
  await search(page, 'DH1 3ZZ');
  await expect(page.getByText('We do not know the postcode DH1 3ZZ')).toBeVisible();
  await expect(collectionLink(page)).toBeVisible();
});

test('a terminated postcode', async ({ page }) => {
  await search(page, 'AB1 0AA');
  await expect(page.getByText('AB1 0AA is no longer in use')).toBeVisible();
  await expect(page.getByText(/withdrawn in 1996/)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'To collect' })).toBeVisible();
});

test('an offshore postcode has no position', async ({ page }) => {
  await search(page, 'JE2 4WD');
  await expect(page.getByText('We cannot place JE2 4WD on the map')).toBeVisible();
  await expect(collectionLink(page)).toBeVisible();
});

test('outside every delivery area collection can be ordered', async ({ page, cluster }) => {
  await search(page, 'AB10 1AB');
  await expect(page.getByText('Nobody here delivers to AB10 1AB yet')).toBeVisible();
  await expect(page.getByText(/^Delivering to/)).toBeHidden();
  await page.getByText('Further away').click();
  await collectionLink(page).click();
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await expect(page.getByRole('radio', { name: /^Collection/ })).toBeChecked();
  await fillContact(page, { address: null });
  await orderButton(page).click();
  await placed(page);
  expect((await cluster.orders()).at(-1).fulfilment).toBe('collection');
});

test('an order outside the delivery area is not placed', async ({ page, cluster }) => {
  const before = (await cluster.orders()).length;
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await fillContact(page);
  await page.getByLabel('Postcode').fill('AB10 1AB');
  await expect(page.getByRole('button', { name: 'Collect instead' })).toBeVisible();
  await page.getByRole('button', { name: 'Not ready to order: see why' }).click();
  await expect(page.getByRole('alert')).toContainText('outside the area');
  expect((await cluster.orders()).length).toBe(before);
});

for (const mode of ['unavailable', 'slow', 'malformed']) {
  testAlone(`both providers ${mode}: the gazetteer serves`, async ({ page, cluster }) => {
    await cluster.providers(mode);
    await search(page, 'DH1 3LE');
    await expect(page.getByRole('heading', { name: 'Delivering to DH1 3LE' })).toBeVisible();
    await collectionLink(page).click();
    await add(page, 'Margherita', [CRUST]);
    await add(page, 'Margherita', [CRUST]);
    await toCheckout(page);
    await fillContact(page);
    await orderButton(page).click();
    await placed(page);
    expect(await cluster.orders()).toHaveLength(1);
    if (mode !== 'unavailable') return;
    // This postcode is not in the gazetteer, but its sector is.
    await page.goto('/');
    await enter(page, 'DH1 3ZZ', 'Find food');
    await expect(page.getByText('We know only roughly where DH1 3ZZ is')).toBeVisible();
    await expect(page.getByRole('heading', { name: 'Delivering to DH1 3ZZ' })).toBeVisible();
  });
}
