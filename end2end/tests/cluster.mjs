// A cluster of real processes for the tests, what the tests do to it, and a browser that lives in its time.
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
        throw new Error(`the cluster ended with ${code} before it served`);
      }),
    ]);
    const cluster = new Cluster(child, JSON.parse(line));
    // The cluster's clocks stand at a Friday evening, so that restaurants are open whenever the tests run.
    cluster.ahead = (await cluster.status()).now_ms - Date.now();
    return cluster;
  }

  async end() {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  async post(path) {
    const answer = await fetch(this.control + path, { method: 'POST' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  async get(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  // What the front-end server says of the system.
  status() {
    return this.get(`${this.url}/api/v1/status`);
  }

  // The number of the replica that requests go to first.
  primary() {
    return this.get(`${this.control}/primary`);
  }

  // Every order in the database, oldest first, whatever any page says.
  orders() {
    return this.get(`${this.control}/orders`);
  }

  kill(replica) {
    return this.post(`/replicas/${replica}/kill`);
  }

  // It takes requests in and answers none.
  hang(replica) {
    return this.post(`/replicas/${replica}/hang`);
  }

  start(replica) {
    return this.post(`/replicas/${replica}/start`);
  }

  // Another front-end server, known to the first when this resolves; its address.
  async startServer() {
    const url = await (await this.post('/servers')).json();
    this.servers.push(url);
    await expect(async () => expect((await this.status()).servers).toHaveLength(this.servers.length)).toPass();
    return url;
  }

  // By number, 1 is the first.
  killServer(server) {
    return this.post(`/servers/${server}/kill`);
  }

  hangServer(server) {
    return this.post(`/servers/${server}/hang`);
  }

  // well, away, slow or nonsense: both providers.
  providers(mode) {
    return this.post(`/providers/${mode}`);
  }
}

const inItsTime = (ahead) => {
  const Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) {
      if (given.length === 0) super(Real.now() + ahead);
      else super(...given);
    }

    static now() {
      return Real.now() + ahead;
    }
  };
};

const browser = {
  baseURL: async ({ cluster }, use) => {
    await use(cluster.url);
  },
  context: async ({ context, cluster }, use) => {
    const faults = [];
    context.on('weberror', (error) => faults.push(`uncaught: ${error.error().stack ?? error.error()}`));
    context.on('console', (message) => {
      // A request that fails is what some tests are about; the browser logs it by itself.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text());
    });
    context.on('request', (request) => {
      if (/^https?:/.test(request.url()) && !cluster.servers.some((url) => request.url().startsWith(url))) faults.push(`asked elsewhere: ${request.url()}`);
    });
    await context.addInitScript(inItsTime, cluster.ahead);
    await use(context);
    expect(faults, 'the browser had something to complain about').toEqual([]);
  },
};

// For tests that leave the cluster as they found it, apart from orders: one cluster for many of them.
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

// For tests that break things: a cluster for each.
export const testAlone = base.extend({
  cluster: async ({}, use) => {
    const cluster = await Cluster.start();
    await use(cluster);
    await cluster.end();
  },
  ...browser,
});

export { expect };
