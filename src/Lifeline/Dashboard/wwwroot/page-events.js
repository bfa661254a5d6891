import { h, setText } from './dom.js';
import { dateAndClock, eventText, eventTone } from './format.js';
import * as api from './api.js';
import * as store from './store.js';

// Everything that happened, newest first.

const maxShown = 500;
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

  const takes = event => (!kept.service || (event.service ?? '').includes(kept.service))
    && (!kept.kind || kept.kind.split(',').some(wanted => wanted.endsWith('*') ? event.kind.startsWith(wanted.slice(0, -1)) : wanted === event.kind));

  const item = event => h('li', {}, h('time', { dateTime: event.at, title: `#${event.id}` }, dateAndClock(event.at)),
    event.service ? h('a', { href: `#/services/${encodeURIComponent(event.service)}` }, event.service) : h('span', {}, 'Lifeline'),
    h('span', {}, h('span', { class: 'badge', 'data-tone': eventTone(event.kind) }, event.kind)), h('span', { class: 'what' }, eventText(event)));

  function add(events, atTop) {
    const found = events.filter(takes).map(item);
    if (atTop) list.prepend(...found.reverse());
    else list.append(...found.reverse());
    for (let over = atTop ? list.childElementCount - maxShown : 0; over > 0; over--) list.lastChild.remove();
    note.hidden = list.children.length > 0;
    setText(note, 'Nothing of this kind.');
  }

  async function load(before) {
    const limit = 200;
    const query = { limit, ...(kept.kind ? { kind: kept.kind } : {}) };
    if (before !== null) Object.assign(query, { since: Math.max(0, before - 1 - limit) });
    let found = await api.events(query);
    if (before !== null) found = found.filter(event => event.id < before);
    add(found, false);
    if (found.length) [oldest, newest] = [found[0].id, Math.max(newest, found.at(-1).id)];
    else if (before !== null) oldest = Math.max(1, before - limit);
    older.disabled = oldest === null || oldest <= 1;
  }

  async function again() {
    list.replaceChildren();
    [oldest, newest] = [null, 0];
    try { await load(null); } catch (error) { note.hidden = false; setText(note, error.message); }
  }

  search.addEventListener('input', () => { kept.service = search.value; again(); });
  kind.addEventListener('change', () => { kept.kind = kind.value; again(); });
  older.addEventListener('click', () => load(oldest).catch(error => { note.hidden = false; setText(note, error.message); }));
  let waiting = [];
  let due = 0;
  function drawWaiting() {
    due = 0;
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
    due ||= setTimeout(() => requestAnimationFrame(drawWaiting), drawEvery);
  });
  again();
  return {
    leave() { off(); clearTimeout(due); },
    key(event) {
      if (event.key === '/') search.focus();
      else if (event.key === 'Escape') location.hash = '#/';
      else return false;
      return true;
    },
  };
}
