import { h, setText } from './dom.js';
import { dateAndClock, eventText, eventTone } from './format.js';
import * as api from './api.js';
import * as store from './store.js';

// Everything that happened, newest first.

const maxShown = 500;
// With the older ones that were asked for.
const maxRead = 5000;
// More often than this nobody reads on.
const drawEvery = 250;
// Of a flood only the newest are drawn, with a line that says how many are not.
const maxPerDraw = 50;
const maxWaiting = 5000;
const kept = { service: '', kind: '' };
const kinds = [['', 'everything'], ['service.died,service.hung,service.failed', 'deaths and failures'], ['service.started,service.ready,service.stopped,service.stopping', 'starts and stops'],
  ['service.status,service.health', 'status and health'], ['alert.*', 'alerts'], ['monitor.*,config.*,journal.*', 'Lifeline itself']];

export function render(main) {
  const search = h('input', { type: 'search', placeholder: 'Only of services whose name holds…', 'aria-label': 'Filter events by service', value: kept.service, id: 'filter' });
  const kind = h('select', { 'aria-label': 'Kinds of events' }, kinds.map(([value, title]) => h('option', { value, selected: value === kept.kind }, title)));
  const list = h('ol', { class: 'event-list' });
  const older = h('button', { type: 'button' }, 'Older events');
  const note = h('p', { class: 'empty', hidden: true });
  main.append(h('div', { class: 'bar' }, h('h1', {}, 'Events'), search, kind), h('section', { class: 'card', 'aria-label': 'Events' }, list, note, h('div', { class: 'buttons' }, older)));
  let oldest = null;
  let newest = 0;
  let room = maxShown;
  // What was asked for last; null: its answer is there.
  let loading = null;

  const needle = () => kept.service.trim().replaceAll(/[*?[\],]/g, '');
  const takes = event => (!needle() || (event.service ?? '').includes(needle()))
    && (!kept.kind || kept.kind.split(',').some(wanted => wanted.endsWith('*') ? event.kind.startsWith(wanted.slice(0, -1)) : wanted === event.kind));

  const item = event => h('li', { 'data-id': event.id }, h('time', { dateTime: event.at, title: `#${event.id}` }, dateAndClock(event.at)),
    event.service ? h('a', { href: `#/services/${encodeURIComponent(event.service)}` }, event.service) : h('span', {}, 'Lifeline'),
    h('span', {}, h('span', { class: 'badge', 'data-tone': eventTone(event.kind) }, event.kind)), h('span', { class: 'what' }, eventText(event)));

  function add(events, atTop) {
    const found = events.filter(takes).map(item);
    if (atTop) list.prepend(...found.reverse());
    else list.append(...found.reverse());
    for (let over = atTop ? list.childElementCount - room : 0; over > 0; over--) {
      list.lastChild.remove();
      oldest = Number(list.lastChild.dataset.id ?? oldest);
      older.disabled = false;
    }
    note.hidden = list.children.length > 0;
    setText(note, 'Nothing of this kind.');
  }

  // The answer to an earlier question is of no use once another was asked.
  async function load(before) {
    const mine = loading = {};
    const limit = 200;
    try {
      const found = await api.events({ limit, ...(kept.kind ? { kind: kept.kind } : {}), ...(needle() ? { service: `*${needle()}*` } : {}), ...(before === null ? {} : { until: before - 1 }) });
      if (loading !== mine) return;
      if (before === null) list.replaceChildren();
      else room = Math.min(room + found.length, maxRead);
      add(found, false);
      if (found.length) [oldest, newest] = [found[0].id, Math.max(newest, found.at(-1).id)];
      older.disabled = found.length < limit || oldest <= 1;
    } catch (error) {
      if (loading !== mine) return;
      note.hidden = false;
      setText(note, error.message);
    }
    loading = null;
    if (waiting.length) drawSoon();
  }

  function again() {
    [oldest, newest, room] = [null, 0, maxShown];
    return load(null);
  }

  search.addEventListener('input', () => { kept.service = search.value; again(); });
  kind.addEventListener('change', () => { kept.kind = kind.value; again(); });
  older.addEventListener('click', () => load(oldest));
  let waiting = [];
  let due = 0;
  function drawWaiting() {
    due = 0;
    // They come after what is asked for.
    if (loading) return;
    const fresh = waiting.filter(event => event.id > newest && takes(event));
    newest = Math.max(newest, waiting.at(-1)?.id ?? 0);
    waiting = [];
    const over = fresh.length - maxPerDraw;
    if (over > 0) {
      fresh.splice(0, over);
      const before = list.firstChild?.classList.contains('left-out') ? list.firstChild : list.insertBefore(h('li', { class: 'left-out' }), list.firstChild);
      before.dataset.count = String(Number(before.dataset.count ?? 0) + over);
      setText(before, `… ${before.dataset.count} more, too many to show; “lifeline events” has them all`);
    }
    add(fresh, true);
  }
  const off = store.on('events', batch => {
    waiting.push(...batch);
    if (waiting.length > maxWaiting) waiting.splice(0, waiting.length - maxWaiting);
    drawSoon();
  });
  const offBegin = store.on('begin', () => { waiting = []; again(); });
  function drawSoon() {
    due ||= setTimeout(() => requestAnimationFrame(drawWaiting), drawEvery);
  }
  again();
  return {
    leave() { off(); offBegin(); clearTimeout(due); },
    key(event) {
      if (event.key === '/') search.focus();
      else if (event.key === 'Escape') location.hash = '#/';
      else return false;
      return true;
    },
  };
}
