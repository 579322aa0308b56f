// Playwright configuration of the browser tests, which run the built app against clusters of real processes.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker runs a cluster; two cores carry two.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  // Traces take a third of the time; TIFFIN_TRACE=retain-on-failure keeps those of failed tests.
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    trace: process.env.TIFFIN_TRACE ?? 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.TIFFIN_CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // A test for one viewport only has the tag of its project.
  projects: [
    { name: 'phone', grepInvert: /@desk/, use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
    { name: 'desk', grepInvert: /@phone/, use: { viewport: { width: 1280, height: 800 } } },
  ],
});
