import { h } from './dom.js';
import { clock } from './format.js';
import * as api from './api.js';

// The output of a service, live, with a search that hides what does not match.

const maxLines = 5000;
const firstLines = 300;
const retryAfter = 5000;

export function logView(name) {
  const search = h('input', { type: 'search', placeholder: 'Search the output', 'aria-label': 'Search the output' });
  const follow = h('input', { type: 'checkbox', checked: true });
  const view = h('div', { class: 'log', role: 'log', tabIndex: 0, 'aria-label': `Output of ${name}`, 'aria-live': 'off' });
  const note = h('span', { role: 'status' });
  const element = h('div', {}, h('div', { class: 'bar' }, search, h('label', {}, follow, ' follow'), h('div', { class: 'grow' }), note), view);
  const lines = [];
  let waiting = [];
  let scheduled = false;
  let source = null;
  let cursor = null;
  let isOpen = false;
  let retry = 0;

  function make(entry) {
    const row = h('div', { 'data-stream': entry.stream }, h('time', { dateTime: entry.at }, clock(entry.at)));
    const needle = search.value;
    let text = entry.text;
    if (needle) {
      for (let at = text.toLowerCase().indexOf(needle.toLowerCase()); at >= 0; at = text.toLowerCase().indexOf(needle.toLowerCase())) {
        row.append(text.slice(0, at), h('mark', {}, text.slice(at, at + needle.length)));
        text = text.slice(at + needle.length);
      }
    }
    row.append(text);
    return row;
  }

  const matches = entry => !search.value || entry.text.toLowerCase().includes(search.value.toLowerCase());

  function flush() {
    scheduled = false;
    const batch = waiting.slice(-maxLines);
    waiting = [];
    lines.push(...batch);
    if (lines.length > maxLines) lines.splice(0, lines.length - maxLines);
    view.append(...batch.filter(matches).map(make));
    while (view.children.length > maxLines) view.firstChild.remove();
    count();
    if (follow.checked) view.scrollTop = view.scrollHeight;
  }

  const count = () => { note.textContent = search.value ? `${view.children.length} of ${lines.length} lines` : ''; };

  function showAgain() {
    view.replaceChildren(...lines.filter(matches).map(make));
    count();
    if (follow.checked) view.scrollTop = view.scrollHeight;
  }

  function open() {
    isOpen = true;
    connect();
  }

  // A tab that nobody sees gives its connection back, of which a browser has six for all tabs, and goes on after the last line when it is seen.
  function connect() {
    source?.close();
    clearTimeout(retry);
    if (!isOpen || document.hidden) return;
    const own = source = api.logStream(name, firstLines, cursor);
    own.addEventListener('message', message => {
      cursor = message.lastEventId || cursor;
      take(JSON.parse(message.data));
    });
    own.addEventListener('gap', () => take({ stream: 'stderr', at: new Date().toISOString(), text: '… lines were removed by rotation before they were shown …' }));
    own.addEventListener('open', count);
    own.addEventListener('error', () => {
      note.textContent = 'reconnecting…';
      if (own.readyState === EventSource.CLOSED) retry = setTimeout(connect, retryAfter);
    });
  }

  function take(entry) {
    waiting.push(entry);
    if (waiting.length > 2 * maxLines) waiting.splice(0, waiting.length - maxLines);
    if (!scheduled) { scheduled = true; requestAnimationFrame(flush); }
  }

  function close() {
    isOpen = false;
    source?.close();
    clearTimeout(retry);
    document.removeEventListener('visibilitychange', connect);
  }

  document.addEventListener('visibilitychange', connect);
  search.addEventListener('input', showAgain);
  search.addEventListener('keydown', event => { if (event.key === 'Escape') { search.value = ''; showAgain(); view.focus(); event.stopPropagation(); } });
  follow.addEventListener('change', () => { if (follow.checked) view.scrollTop = view.scrollHeight; });
  view.addEventListener('wheel', event => { if (event.deltaY < 0) follow.checked = false; }, { passive: true });
  return { element, open, say: text => { note.textContent = text; }, close, focus: () => search.focus() };
}
