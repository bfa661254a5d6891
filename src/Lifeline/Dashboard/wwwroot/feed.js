// The two streams of a browser: services and events. Runs in a shared worker, one for all tabs; where a browser has none, in the page.

const batchEvery = 100;
// More between two batches than anybody could read: the newest are told.
const maxBatch = 1000;

/** Opens the streams and tells what comes; returns what a newcomer must be told first. */
export function openFeed(tell) {
  const services = new Map();
  let order = [];
  let connected = false;

  const say = state => {
    connected = state === 'live';
    tell({ type: 'connection', state });
  };

  const list = new EventSource('/api/v1/services/stream');
  list.addEventListener('open', () => say('live'));
  list.addEventListener('error', () => say(list.readyState === EventSource.CLOSED ? 'closed' : 'lost'));
  list.addEventListener('snapshot', message => {
    const all = JSON.parse(message.data);
    services.clear();
    order = all.map(service => service.name);
    for (const service of all) services.set(service.name, service);
    tell({ type: 'snapshot', services: all });
  });
  list.addEventListener('services', message => {
    const changed = JSON.parse(message.data);
    for (const service of changed) services.set(service.name, service);
    tell({ type: 'services', services: changed });
  });
  list.addEventListener('usage', message => {
    const usage = JSON.parse(message.data);
    for (const [name, [memory, cpu, processes]] of Object.entries(usage)) {
      const service = services.get(name);
      if (service) services.set(name, { ...service, memory_bytes: memory, cpu_seconds: cpu, processes });
    }
    tell({ type: 'usage', usage, at: Date.now() });
  });

  // Pages are told of events in batches: each message to a page is a task of its own there.
  let batch = [];
  let due = 0;
  const happenings = new EventSource('/api/v1/events/stream');
  happenings.addEventListener('message', message => {
    batch.push(JSON.parse(message.data));
    if (batch.length > maxBatch) batch.splice(0, batch.length - maxBatch);
    due ||= setTimeout(() => {
      due = 0;
      tell({ type: 'events', events: batch });
      batch = [];
    }, batchEvery);
  });

  const greet = () => [
    { type: 'connection', state: connected ? 'live' : 'connecting' },
    ...(order.length ? [{ type: 'snapshot', services: order.map(name => services.get(name)) }] : []),
  ];
  const close = () => { list.close(); happenings.close(); clearTimeout(due); };
  return { greet, close, isClosed: () => list.readyState === EventSource.CLOSED };
}
