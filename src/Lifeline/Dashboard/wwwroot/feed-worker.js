import { openFeed } from './feed.js';

// One connection for all tabs of a browser: six are all that it opens to one place.
const ports = new Set();
let feed = null;

const tell = message => {
  for (const port of ports) port.postMessage(message);
};

self.addEventListener('connect', event => {
  const port = event.ports[0];
  port.addEventListener('message', message => {
    if (message.data === 'bye') {
      ports.delete(port);
      if (ports.size === 0) { feed?.close(); feed = null; }
    } else if (message.data === 'again' && (feed === null || feed.isClosed())) {
      // Each tab asks; the first is enough.
      feed?.close();
      feed = openFeed(tell);
    }
  });
  port.start();
  ports.add(port);
  if (feed === null || feed.isClosed()) feed = openFeed(tell);
  for (const message of feed.greet()) port.postMessage(message);
});
