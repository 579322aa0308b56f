// Accessibility: no page has an axe violation, in light and dark mode.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './cluster.mjs';
import { CRUST, add, isPhone, openMenu, orderButton, placed, readyToOrder, toCheckout, viewBasket } from './shop.mjs';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

async function expectNoViolations(page, state) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const summaries = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
    expect.soft(summaries, `${state}, ${colorScheme}`).toEqual([]);
  }
}

test('home, about and not found', async ({ page }) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'How it works' })).toBeVisible();
  await expectNoViolations(page, 'home');
  await page.getByLabel('Your postcode').fill('WIA OAA');
  await page.getByRole('button', { name: 'Find food' }).click();
  await expect(page.getByRole('button', { name: 'Did you mean W1A 0AA?' })).toBeVisible();
  await expectNoViolations(page, 'home with a mistake');
  await page.goto('/about');
  await expect(page.getByText(/Crown copyright/)).toBeVisible();
  await expectNoViolations(page, 'about');
  await page.goto('/no/such/page');
  await expect(page.getByRole('heading', { name: 'There is nothing in this tin' })).toBeVisible();
  await expectNoViolations(page, 'not found');
});

test('restaurants', async ({ page }) => {
  await page.goto('/restaurants#DH1-3LE');
  await expect(page.getByRole('heading', { name: 'Delivering to DH1 3LE' })).toBeVisible();
  await expectNoViolations(page, 'restaurants');
  await page.goto('/restaurants#AB1-0AA');
  await expect(page.getByText('AB1 0AA is no longer in use')).toBeVisible();
  await expectNoViolations(page, 'restaurants for a postcode no longer in use');
});

test('menu, dish, allergens and basket', async ({ page }) => {
  await openMenu(page);
  await expectNoViolations(page, 'menu');
  await page.getByRole('button', { name: 'Add Margherita' }).click();
  const sheet = page.getByRole('dialog', { name: 'Margherita' });
  await sheet.getByRole('button', { name: /^Add/ }).click();
  await expect(sheet.getByRole('alert')).toBeVisible();
  await expectNoViolations(page, 'dish with a required choice missing');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Allergens: Napoli' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoViolations(page, 'allergens');
  await page.keyboard.press('Escape');
  await add(page, 'Margherita', [CRUST]);
  await viewBasket(page);
  await expect(page.getByText(/more to the minimum of/).last()).toBeVisible();
  await expectNoViolations(page, isPhone(page) ? 'basket sheet' : 'basket at the side');
});

test('checkout and order', async ({ page }) => {
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  await toCheckout(page);
  await expect(orderButton(page)).toBeEnabled();
  await expectNoViolations(page, 'checkout');
  await orderButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'left to put right' })).toBeVisible();
  await expectNoViolations(page, 'checkout with mistakes');
  await readyToOrder(page);
  await page.route('**/api/v1/orders', (route) => route.abort('connectionreset'));
  await orderButton(page).click();
  await expect(page.getByRole('heading', { name: 'We are checking whether it arrived' })).toBeVisible();
  await expectNoViolations(page, 'checking whether it arrived');
  await page.unroute('**/api/v1/orders');
  await orderButton(page).click();
  await placed(page);
  await expectNoViolations(page, 'order');
});

test('status, for the public and for the operator', async ({ page, cluster }) => {
  await page.goto('/status');
  await expect(page.getByRole('heading', { name: 'Everything works' })).toBeVisible();
  await expectNoViolations(page, 'status');
  await page.getByRole('button', { name: 'Operator: sign in to switch' }).click();
  await expect(page.getByLabel('Password')).toBeVisible();
  await expectNoViolations(page, 'sign-in');
  await page.getByLabel('Password').fill(cluster.operatorPassword);
  await page.getByLabel('Password').press('Enter');
  await page.getByRole('group', { name: 'Switch replica-3' }).getByRole('button', { name: 'Down' }).click();
  await expect(page.getByRole('dialog', { name: 'Switch replica-3 down?' })).toBeVisible();
  await expectNoViolations(page, 'confirmation of a switch');
  await page.keyboard.press('Escape');
  await expectNoViolations(page, 'status for the operator');
});
