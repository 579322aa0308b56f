// The menu and the basket.
import { expect, test } from './cluster.mjs';
import { CRUST, add, openMenu, toCheckout, viewBasket } from './shop.mjs';

const basket = (page) => page.getByRole('dialog', { name: 'Your basket' }).or(page.getByRole('complementary', { name: 'Basket' }));

test('a basket survives a reload and is the same in a second tab', async ({ page, context }) => {
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await page.reload();
  await viewBasket(page);
  await expect(basket(page)).toContainText('Margherita');
  await expect(basket(page)).toContainText(CRUST);

  const second = await context.newPage();
  await openMenu(second);
  await viewBasket(second);
  await expect(basket(second)).toContainText('Margherita');
  await basket(second).getByRole('button', { name: 'One more: Margherita' }).click();
  await expect(basket(second).getByRole('status')).toContainText('2');
  // Changes in the second tab appear in the first without a reload.
  await expect(basket(page).getByRole('group', { name: 'How many: Margherita' })).toContainText('2');
  await basket(page).getByRole('button', { name: 'One less: Margherita' }).click();
  await basket(page).getByRole('button', { name: 'Remove Margherita' }).click();
  await expect(basket(second)).toContainText('Your tin is empty');
});

test('below the minimum the basket shows the difference and disables the checkout', async ({ page }) => {
  await openMenu(page);
  await add(page, 'Marinara', [CRUST]);
  await viewBasket(page);
  await expect(basket(page)).toContainText(/£6\.50 more to the minimum of £15\.00/);
  await expect(basket(page).getByRole('button', { name: 'Go to checkout' })).toBeDisabled();
  await basket(page).getByRole('button', { name: 'One more: Marinara' }).click();
  await expect(basket(page).getByRole('link', { name: 'Go to checkout' })).toBeVisible();
});

test('a search narrows the menu', async ({ page }) => {
  await openMenu(page);
  const field = page.getByRole('searchbox', { name: 'Search this menu' });
  const dish = (name) => page.getByRole('heading', { name, level: 3 });
  await field.fill('anchovies');
  await expect(dish('Napoli')).toBeVisible();
  await expect(dish('Margherita')).toBeHidden();
  await field.fill('nothing like it');
  await expect(page.getByText('Nothing on this menu matches')).toBeVisible();
  await page.getByRole('button', { name: 'Show the whole menu' }).click();
  await expect(dish('Margherita')).toBeVisible();
});

test('allergens are one tap away, before ordering', async ({ page }) => {
  await openMenu(page);
  await page.getByRole('button', { name: 'Allergens: Napoli' }).click();
  const sheet = page.getByRole('dialog', { name: 'Allergens: Napoli' });
  await expect(sheet.getByText('fish', { exact: true })).toBeVisible();
  await expect(sheet).toContainText('May contain');
  await expect(sheet).toContainText('Basil pesto');
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('button', { name: 'Allergens: Napoli' })).toBeFocused();
});

test('a dish that is sold out is shown and cannot be added', async ({ page }) => {
  await openMenu(page, 'dogger-and-daughters', 'NE6 5XN');
  await expect(page.getByRole('button', { name: /^Add Dressed crab/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Dressed crab', exact: true }).click();
  const sheet = page.getByRole('dialog', { name: 'Dressed crab' });
  await expect(sheet).toContainText('Sold out for now');
  await expect(sheet.getByRole('button', { name: /^Add/ })).toHaveCount(0);
});

test('required choices of a dish must be made', async ({ page }) => {
  await openMenu(page);
  await page.getByRole('button', { name: 'Add Margherita' }).click();
  const sheet = page.getByRole('dialog', { name: 'Margherita' });
  await sheet.getByRole('button', { name: /^Add/ }).click();
  await expect(sheet.getByRole('alert')).toContainText(/Choose one/i);
  await expect(sheet).toBeVisible();
  await sheet.getByLabel('Rim filled with ricotta').check();
  await expect(sheet.getByRole('button', { name: /^Add/ })).toContainText('£13.00');
  await sheet.getByRole('button', { name: 'One more: Margherita' }).click();
  await expect(sheet.getByRole('button', { name: /^Add/ })).toContainText('£26.00');
  // A fifth topping is disabled at the maximum of four.
  for (const topping of ['Fennel sausage', 'Taggiasca olives', 'Chestnut mushrooms', 'Cetara anchovies']) {
    await sheet.getByLabel(topping).check();
  }
  await expect(sheet.getByLabel('Rocket and Parmesan')).toBeDisabled();
  await sheet.getByRole('button', { name: /^Add/ }).click();
  await expect(sheet).toBeHidden();
  await toCheckout(page);
  await expect(page.getByRole('region', { name: 'Your order' })).toContainText('Rim filled with ricotta');
});
