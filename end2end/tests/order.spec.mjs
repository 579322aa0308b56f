// Orders from the postcode to the order page.
import { expect, test } from './cluster.mjs';
import { CRUST, POSTCODE, add, openMenu, orderButton, pence, phone, placed, fillContact, search, toCheckout, viewBasket } from './shop.mjs';

test('an order for delivery, from the postcode on', async ({ page, cluster }) => {
  await search(page, 'dh13le');
  await expect(page).toHaveURL(/\/restaurants#DH1-3LE$/);
  await expect(page.getByRole('heading', { name: `Food for ${POSTCODE}` })).toBeVisible();
  await page.getByRole('link', { name: 'The Kikar Tree' }).click();
  await expect(page.getByRole('heading', { name: 'The Kikar Tree', level: 1 })).toBeVisible();
  await expect(page).toHaveURL(/\/r\/the-kikar-tree#DH1-3LE$/);
  await add(page, 'Butter chicken', ['Medium', 'Pilau rice']);
  await add(page, 'Onion bhajis');
  await toCheckout(page);
  await fillContact(page);
  const button = orderButton(page);
  await expect(button).toBeEnabled();
  const shownTotal = pence((await button.textContent()).match(/£[\d.]+/)[0]);
  const before = await cluster.orders();
  await button.click();

  const number = await placed(page);
  const after = await cluster.orders();
  expect(after.length).toBe(before.length + 1);
  const order = after.at(-1);
  expect(order).toMatchObject({ number, restaurant: 'the-kikar-tree', fulfilment: 'delivery', slot_start_ms: null, total_pence: shownTotal });
  expect(page.url()).toContain(order.token);
  await expect(page.getByText('1 Palace Green, DH1 3LE')).toBeVisible();
  await expect(page.getByText('Medium, Pilau rice')).toBeVisible();
  const total = page.getByRole('term').filter({ hasText: /^Total$/ }).locator('xpath=following-sibling::dd');
  expect(pence(await total.textContent())).toBe(shownTotal);

  // The URL of the order page is enough to see the order; the basket is empty.
  await page.reload();
  await placed(page);
  await page.goto('/checkout');
  await expect(page.getByRole('heading', { name: 'Your basket is empty' })).toBeVisible();
});

test('an order for collection in a slot', async ({ page, cluster }) => {
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  // One pizza is below the minimum for delivery; collection has no minimum.
  await viewBasket(page);
  await page.getByRole('button', { name: 'Collect it instead' }).click();
  await page.getByRole('link', { name: 'Go to checkout' }).click();
  await expect(page.getByRole('radio', { name: /^Collection/ })).toBeChecked();
  await page.getByRole('radio', { name: /^At a time/ }).check();
  const times = page.getByLabel('Time', { exact: true });
  await times.selectOption({ index: 3 });
  const label = await times.locator('option:checked').textContent();
  await fillContact(page, { address: null });
  await expect(page.getByLabel('House and street')).toBeHidden();
  await orderButton(page).click();

  const number = await placed(page);
  const order = (await cluster.orders()).at(-1);
  expect(order).toMatchObject({ number, fulfilment: 'collection' });
  const start = new Date(order.slot_start_ms).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/London' });
  expect(label).toContain(start);
  await expect(page.getByText('Collection from')).toBeVisible();
  await expect(page.getByText(label).first()).toBeVisible();
});

test('a URL with a postcode opens its restaurants', async ({ page }) => {
  await page.goto('/restaurants#dh1-3le');
  await expect(page.getByRole('heading', { name: 'Delivering to DH1 3LE' })).toBeVisible();
  await page.getByLabel('Postcode').fill('E8 2PB');
  await page.getByRole('button', { name: 'Change' }).click();
  await expect(page).toHaveURL(/#E8-2PB$/);
  await expect(page.getByRole('heading', { name: 'Delivering to E8 2PB' })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Delivering to DH1 3LE' })).toBeVisible();
});

test('the form lists missing fields with links to them', async ({ page, cluster }) => {
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  const before = (await cluster.orders()).length;
  await orderButton(page).click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('A few things are left to put right');
  await expect(alert).toContainText('Enter the name');
  await alert.getByRole('link', { name: /phone number/ }).click();
  await expect(phone(page)).toBeFocused();
  await expect(phone(page)).toHaveAccessibleDescription(/Enter a phone number/);
  await phone(page).fill('0191 498 0001');
  await expect(phone(page)).not.toHaveAttribute('aria-invalid', 'true');
  expect((await cluster.orders()).length).toBe(before);
});
