import { h } from './dom.js';
import { clock } from './format.js';
import * as api from './api.js';

// The output of a service, live, with a search that hides what does not match.

const maxLines = 5000;
const firstLines = 300;

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
    if (follow.checked) view.scrollTop = view.scrollHeight;
  }

  function showAgain() {
    view.replaceChildren(...lines.filter(matches).map(make));
    note.textContent = search.value ? `${view.children.length} of ${lines.length} lines` : '';
    if (follow.checked) view.scrollTop = view.scrollHeight;
  }

  function open() {
    source = api.logStream(name, firstLines);
    source.addEventListener('message', message => {
      waiting.push(JSON.parse(message.data));
      if (!scheduled) { scheduled = true; requestAnimationFrame(flush); }
    });
    source.addEventListener('gap', () => waiting.push({ stream: 'stderr', at: new Date().toISOString(), text: '… lines were removed by rotation before they were shown …' }));
    source.addEventListener('open', () => { note.textContent = ''; });
    source.addEventListener('error', () => {
      note.textContent = source.readyState === EventSource.CLOSED ? 'Lifeline gives no output; load the page again.' : 'reconnecting…';
    });
  }

  search.addEventListener('input', showAgain);
  search.addEventListener('keydown', event => { if (event.key === 'Escape') { search.value = ''; showAgain(); view.focus(); event.stopPropagation(); } });
  follow.addEventListener('change', () => { if (follow.checked) view.scrollTop = view.scrollHeight; });
  view.addEventListener('wheel', event => { if (event.deltaY < 0) follow.checked = false; }, { passive: true });
  return { element, open, say: text => { note.textContent = text; }, close: () => source?.close(), focus: () => search.focus() };
}
