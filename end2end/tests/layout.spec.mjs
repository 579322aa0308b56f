// Layout on every page: no horizontal scrolling, no layout shift, everything reachable by keyboard.
import { expect, test } from './cluster.mjs';
import { CRUST, add, openMenu, orderButton, placed, toCheckout } from './shop.mjs';

const PAGES = {
  home: ['/', (page) => page.getByRole('heading', { name: 'How it works' })],
  restaurants: ['/restaurants#DH1-3LE', (page) => page.getByRole('heading', { name: 'Delivering to DH1 3LE' })],
  menu: ['/r/cenere#DH1-3LE', (page) => page.getByRole('heading', { name: 'Cenere', level: 1 })],
  checkout: ['/checkout?from=cenere', (page) => page.getByRole('heading', { level: 1 })],
  status: ['/status', (page) => page.getByRole('heading', { level: 1 })],
  about: ['/about', (page) => page.getByRole('heading', { level: 1 })],
};

test('no page scrolls horizontally on the narrowest phone', { tag: '@phone' }, async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await openMenu(page);
  await add(page, 'Margherita', [CRUST]);
  await add(page, 'Margherita', [CRUST]);
  for (const [name, [path, ready]] of Object.entries(PAGES)) {
    await page.goto(path);
    await expect(ready(page)).toBeVisible();
    await page.waitForLoadState('networkidle');
    const [contentWidth, viewportWidth] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    expect.soft(contentWidth, name).toBeLessThanOrEqual(viewportWidth);
  }
});

for (const name of ['home', 'restaurants', 'menu']) {
  test(`no layout shift while loading: ${name}`, async ({ page }) => {
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries()) {
          if (!shift.hadRecentInput) globalThis.shifts.push(shift);
        }
      }).observe({ type: 'layout-shift', buffered: true });
    });
    const [path, ready] = PAGES[name];
    // Delays API responses, so that page, data and terms arrive one after the other as on a slow network.
    await page.route('**/api/**', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      await route.continue();
    });
    await page.goto(path);
    await expect(ready(page)).toBeVisible();
    await page.waitForLoadState('networkidle');
    const [sum, sources] = await page.evaluate(() => [
      globalThis.shifts.reduce((sum, shift) => sum + shift.value, 0),
      globalThis.shifts.map((shift) => `${shift.value.toFixed(4)} ${shift.sources.map((source) => source.node?.outerHTML?.slice(0, 80) ?? source.node?.nodeName)}`),
    ]);
    expect(sum, sources.join('\n')).toBeLessThan(0.02);
  });
}

// Presses Tab until the element has the focus.
async function tabTo(page, target) {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${target} cannot be reached with the Tab key`);
}

test('a whole order with the keyboard alone', { tag: '@desk' }, async ({ page, cluster }) => {
  const before = await cluster.orders();
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'How it works' })).toBeVisible();
  await tabTo(page, page.getByLabel('Your postcode'));
  await page.keyboard.type('DH1 3LE');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Cenere' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Cenere' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Add Margherita' })).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: 'Add Margherita' }));
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: 'Margherita' });
  await tabTo(page, sheet.getByRole('radio').first());
  await page.keyboard.press('Space');
  await tabTo(page, sheet.getByRole('button', { name: 'One more: Margherita' }));
  await page.keyboard.press('Enter');
  await tabTo(page, sheet.getByRole('button', { name: /^Add/ }));
  await page.keyboard.press('Enter');
  await expect(sheet).toBeHidden();
  await expect(page.getByRole('button', { name: /^Add Margherita, 2 in the basket/ })).toBeFocused();
  await expect(page.getByRole('link', { name: 'Go to checkout' })).toBeVisible();
  await tabTo(page, page.getByRole('link', { name: 'Go to checkout' }));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Checkout', level: 1 })).toBeFocused();
  for (const [name, text] of [['House and street', '1 Palace Green'], ['Name', 'Ada Lovelace'], ['Phone', '0191 498 0001']]) {
    await tabTo(page, page.getByRole('textbox', { name }));
    await page.keyboard.type(text);
  }
  await expect(orderButton(page)).toBeEnabled();
  await tabTo(page, orderButton(page));
  await page.keyboard.press('Enter');
  const number = await placed(page);
  expect((await cluster.orders()).slice(before.length)).toMatchObject([{ number }]);
});
