import { openFeed } from './feed.js';

// What is known of all services. Listeners are called at most once a frame, with the names that changed (null: all).

const maxSamples = 60;
const retryAfter = 3000;
const maxEvents = 1000;

export const services = new Map();
export let order = [];
export const samples = new Map();
export let connection = 'connecting';
/** Whether there was an answer yet: until then nothing is known, and nothing is missing either. */
export let known = false;

const listeners = { services: new Set(), events: new Set(), connection: new Set(), begin: new Set() };
let changed = new Set();
let all = false;
let newEvents = [];
let scheduled = false;

export function on(what, listener) {
  listeners[what].add(listener);
  return () => listeners[what].delete(listener);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  // A hidden tab has no frames; it catches up when it is looked at.
  requestAnimationFrame(flush);
}

function flush() {
  scheduled = false;
  if (all || changed.size) {
    const names = all ? null : changed;
    [changed, all] = [new Set(), false];
    for (const listener of listeners.services) listener(names);
  }
  if (newEvents.length) {
    const batch = newEvents;
    newEvents = [];
    for (const listener of listeners.events) listener(batch);
  }
}

function take(message) {
  switch (message.type) {
    case 'connection':
      connection = message.state;
      for (const listener of listeners.connection) listener(connection);
      if (connection === 'closed') setTimeout(reopen, retryAfter);
      break;
    case 'snapshot':
      known = true;
      services.clear();
      for (const service of message.services) services.set(service.name, service);
      order = message.services.map(service => service.name);
      for (const name of samples.keys()) if (!services.has(name)) samples.delete(name);
      for (const service of message.services) if (service.cpu_seconds !== null) addSample(service.name, Date.now(), service.memory_bytes, service.cpu_seconds, service.processes);
      all = true;
      schedule();
      break;
    case 'services':
      for (const service of message.services) {
        services.set(service.name, service);
        changed.add(service.name);
      }
      schedule();
      break;
    case 'usage':
      for (const [name, [memory, cpu, processes]] of Object.entries(message.usage)) addSample(name, message.at, memory, cpu, processes);
      schedule();
      break;
    case 'begin':
      // Events come without a gap from now on: pages that show what was before ask for it again.
      newEvents = [];
      for (const listener of listeners.begin) listener();
      break;
    case 'events':
      newEvents.push(...message.events);
      if (newEvents.length > maxEvents) newEvents.splice(0, newEvents.length - maxEvents);
      schedule();
      break;
  }
}

function addSample(name, at, memory, cpu, processes) {
  const service = services.get(name);
  if (service) services.set(name, { ...service, memory_bytes: memory, cpu_seconds: cpu, processes });
  const list = samples.get(name) ?? [];
  const last = list[list.length - 1];
  // Processor time begins anew with each generation.
  const percent = last && cpu >= last.seconds && at > last.at ? (cpu - last.seconds) / (at - last.at) * 1e5 : null;
  list.push({ at, memory, seconds: cpu, percent });
  if (list.length > maxSamples) list.shift();
  samples.set(name, list);
  changed.add(name);
}

let reopen = () => {};

export function connect() {
  if (typeof SharedWorker === 'function') {
    const worker = new SharedWorker('/feed-worker.js', { type: 'module', name: 'lifeline' });
    worker.port.addEventListener('message', message => take(message.data));
    worker.port.start();
    addEventListener('pagehide', () => worker.port.postMessage('bye'));
    addEventListener('pageshow', event => { if (event.persisted) location.reload(); });
    reopen = () => worker.port.postMessage('again');
  } else {
    let feed = openFeed(take);
    reopen = () => { feed.close(); feed = openFeed(take); };
  }
}
