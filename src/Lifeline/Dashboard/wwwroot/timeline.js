import { h, svg } from './dom.js';
import { dateAndClock, death, micros, span } from './format.js';

// Generations as bars over a common time: starting, running by health, the end, and the gap until the next.

const height = 22;
const left = 44;
// Drawn about as wide as it is shown, so that its words can be read.
const narrow = matchMedia('(max-width: 640px)');
const healthColor = { healthy: '--good', degraded: '--warn', unhealthy: '--bad', unknown: '--idle' };

export function timeline(generations, color) {
  const lived = generations.filter(generation => generation.started_at).slice(0, 12);
  if (lived.length === 0) return h('p', { class: 'empty' }, 'It has not been started.');
  const width = narrow.matches ? 340 : 640;
  // What is dead does not stretch the picture until today.
  const now = lived[0].died_at ? Date.parse(lived[0].died_at) + 1000 : Date.now();
  const begin = Math.min(...lived.map(generation => Date.parse(generation.started_at)));
  const scale = (width - left - 4) / Math.max(1, now - begin);
  const x = time => left + (Date.parse(time) - begin) * scale;
  const end = left + (now - begin) * scale;
  const picture = svg('svg', { class: 'timeline', viewBox: `0 0 ${width} ${lived.length * height + 20}`, role: 'img' });
  picture.append(svg('title', {}, `${lived.length} generations in ${span(now - begin)}`));
  lived.forEach((generation, i) => {
    const y = i * height;
    const stop = generation.died_at ? x(generation.died_at) : end;
    picture.append(label(`#${generation.generation}`, 0, y + 15));
    const ready = generation.ready_at ? x(generation.ready_at) : stop;
    picture.append(bar(x(generation.started_at), ready, y, color('--busy'), `starting, ${span(Date.parse(generation.ready_at ?? generation.died_at ?? new Date(now)) - Date.parse(generation.started_at))}`));
    if (generation.ready_at) running(picture, generation, x, ready, stop, y, color);
    if (generation.died_at) picture.append(svg('circle', { cx: stop, cy: y + 10, r: 4, fill: color('--bad') }, svg('title', {}, ending(generation))));
  });
  const last = lived[0].died_at ? dateAndClock(lived[0].died_at) : 'now';
  picture.append(label(dateAndClock(begin), left, lived.length * height + 14), svg('text', { x: width - 4, y: lived.length * height + 14, 'text-anchor': 'end' }, last));
  return picture;
}

function running(picture, generation, x, ready, stop, y, color) {
  const changes = [{ at: generation.ready_at, health: 'unknown' }, ...(generation.health ?? []).filter(change => change.at >= generation.started_at)];
  changes.forEach((change, i) => {
    const from = Math.max(ready, x(change.at));
    const to = i + 1 < changes.length ? Math.max(ready, x(changes[i + 1].at)) : stop;
    if (to > from) picture.append(bar(from, to, y, color(healthColor[change.health] ?? '--idle'), `running, ${change.health}`));
  });
}

const ending = generation => `${death(generation.reason, generation.signal, generation.exit_code)}; seen after ${micros(generation.detect_us)}, cleaned up in ${micros(generation.reclaim_us)}`;

const bar = (from, to, y, fill, title) => svg('rect', { x: from, y: y + 3, width: Math.max(2, to - from), height: height - 8, rx: 2, fill }, svg('title', {}, title));

const label = (text, x, y) => svg('text', { x, y }, text);
