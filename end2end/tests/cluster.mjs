// A cluster of real processes for each test, and what the tests do to it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { test as base, expect } from '@playwright/test';

class Cluster {
  constructor(process, announcement) {
    this.process = process;
    this.url = announcement.url;
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
    return new Cluster(child, JSON.parse(line));
  }

  async end() {
    this.process.stdin.end();
    if (this.process.exitCode === null) await once(this.process, 'exit');
  }

  async post(path) {
    const answer = await fetch(this.control + path, { method: 'POST' });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  // The number of the replica that requests go to first.
  async primary() {
    return (await fetch(`${this.control}/primary`)).json();
  }

  kill(replica) {
    return this.post(`/replicas/${replica}/kill`);
  }

  start(replica) {
    return this.post(`/replicas/${replica}/start`);
  }

  // well, away, slow or nonsense: both providers.
  providers(mode) {
    return this.post(`/providers/${mode}`);
  }
}

export const test = base.extend({
  cluster: async ({}, use) => {
    const cluster = await Cluster.start();
    await use(cluster);
    await cluster.end();
  },
  baseURL: async ({ cluster }, use) => {
    await use(cluster.url);
  },
});

export { expect };
