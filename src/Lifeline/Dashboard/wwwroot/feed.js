// The two streams of a browser: services and events. Runs in a shared worker, one for all tabs; where a browser has none, in the page.

const batchEvery = 100;
// More between two batches than anybody could read: the newest are told.
const maxBatch = 1000;

/** Opens the streams and tells what comes; returns what a newcomer must be told first. */
export function openFeed(tell) {
  const services = new Map();
  let order = null;
  let state = 'connecting';

  const list = new EventSource('/api/v1/services/stream');
  const happenings = new EventSource('/api/v1/events/stream');
  const isClosed = () => [list, happenings].some(source => source.readyState === EventSource.CLOSED);

  // Live are both or none: a page with states and without events, or the other way round, would look whole and not be it.
  const look = event => {
    const isWhole = [list, happenings].every(source => source.readyState === EventSource.OPEN);
    const now = isClosed() ? 'closed' : isWhole ? 'live' : event.type === 'error' ? 'lost' : state;
    if (now === state) return;
    state = now;
    tell({ type: 'connection', state });
  };
  for (const source of [list, happenings]) for (const kind of ['open', 'error']) source.addEventListener(kind, look);

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
  happenings.addEventListener('message', message => {
    batch.push(JSON.parse(message.data));
    if (batch.length > maxBatch) batch.splice(0, batch.length - maxBatch);
    due ||= setTimeout(() => {
      due = 0;
      tell({ type: 'events', events: batch });
      batch = [];
    }, batchEvery);
  });

  // From here on no event is missing; what was before must be asked for.
  const begin = () => { batch = []; tell({ type: 'begin' }); };
  for (const kind of ['hello', 'reset']) happenings.addEventListener(kind, begin);

  const greet = () => [
    { type: 'connection', state },
    ...(order ? [{ type: 'snapshot', services: order.map(name => services.get(name)) }] : []),
    ...(state === 'live' ? [{ type: 'begin' }] : []),
  ];
  const close = () => { list.close(); happenings.close(); clearTimeout(due); };
  return { greet, close, isClosed };
}
