// The browser tests: the real app in a real browser, on clusters of real processes.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each test has a cluster of its own; two at a time are what two cores carry.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  // Traces cost a third of the time; TIFFIN_TRACE=retain-on-failure keeps those of what fails.
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
  // A test that is about one size only is tagged with it.
  projects: [
    { name: 'phone', grepInvert: /@desk/, use: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
    { name: 'desk', grepInvert: /@phone/, use: { viewport: { width: 1280, height: 800 } } },
  ],
});
