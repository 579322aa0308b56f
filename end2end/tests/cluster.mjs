// Playwright fixtures: a cluster of real processes with its control interface, and a browser whose clock follows that of the
// cluster.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { test as base, expect } from '@playwright/test';

class Cluster {
  constructor(process, announcement) {
    this.process = process;
    this.url = announcement.url;
    this.servers = [announcement.url];
    this.control = announcement.control;
    this.operatorPassword = announcement.operator_password;
  }

  static async start() {
    const program = path.join(process.env.TIFFIN_BINARIES, 'testkit');
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TIFFIN_EXIT_WITH_STDIN: '1' } });
    const lines = readline.createInterface({ input: child.stdout });
    const [line] = await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`the cluster exited with ${code} before it served`);
      }),
    ]);
    const cluster = new Cluster(child, JSON.parse(line));
    // The cluster's clocks start on a Friday evening, so that restaurants are open whenever the tests run.
    cluster.clockOffset = (await cluster.status()).now_ms - Date.now();
    return cluster;
  }

  async end() {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  async post(path) {
    const response = await fetch(this.control + path, { method: 'POST' });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  async get(path) {
    const response = await fetch(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  // The status of the system from the front-end server.
  status() {
    return this.get(`${this.url}/api/v1/status`);
  }

  // The number of the replica that requests go to first.
  primary() {
    return this.get(`${this.control}/primary`);
  }

  // Every order in the database, oldest first, independent of what pages show.
  orders() {
    return this.get(`${this.control}/orders`);
  }

  kill(replica) {
    return this.post(`/replicas/${replica}/kill`);
  }

  // Stops the process (SIGSTOP): it accepts requests and responds to none.
  hang(replica) {
    return this.post(`/replicas/${replica}/hang`);
  }

  start(replica) {
    return this.post(`/replicas/${replica}/start`);
  }

  // Starts another front-end server, waits until the first one knows it, and returns its URL.
  async startServer() {
    const url = await (await this.post('/servers')).json();
    this.servers.push(url);
    await expect(async () => expect((await this.status()).servers).toHaveLength(this.servers.length)).toPass();
    return url;
  }

  // By number from 1.
  killServer(server) {
    return this.post(`/servers/${server}/kill`);
  }

  hangServer(server) {
    return this.post(`/servers/${server}/hang`);
  }

  // Sets the mode of both providers: healthy, unavailable, slow, malformed or invalid-position.
  providers(mode) {
    return this.post(`/providers/${mode}`);
  }
}

// Moves the clock of a page; runs in the browser.
const shiftClock = (offset) => {
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...values) {
      if (values.length === 0) super(RealDate.now() + offset);
      else super(...values);
    }

    static now() {
      return RealDate.now() + offset;
    }
  };
};

const browser = {
  baseURL: async ({ cluster }, use) => {
    await use(cluster.url);
  },
  context: async ({ context, cluster }, use) => {
    const errors = [];
    context.on('weberror', (error) => errors.push(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => {
      // The browser logs failed requests itself, which some tests cause on purpose.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) errors.push(message.text());
    });
    context.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !cluster.servers.some((url) => request.url().startsWith(url))) errors.push(`request to another origin: ${request.url()}`);
    });
    await context.addInitScript(shiftClock, cluster.clockOffset);
    await use(context);
    expect(errors, 'the browser reported errors').toEqual([]);
  },
};

// For tests that change nothing in the cluster but orders: one cluster for each worker.
export const test = base.extend({
  cluster: [
    async ({}, use) => {
      const cluster = await Cluster.start();
      await use(cluster);
      await cluster.end();
    },
    { scope: 'worker' },
  ],
  ...browser,
});

// For tests that inject faults: a cluster for each test.
export const testAlone = base.extend({
  cluster: async ({}, use) => {
    const cluster = await Cluster.start();
    await use(cluster);
    await cluster.end();
  },
  ...browser,
});

export { expect };
