// Calls of the API; what it refuses comes as an error with its own words.

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: 'application/json' }, credentials: 'same-origin', ...options });
  } catch {
    throw new ApiError(0, 'Lifeline does not answer.');
  }
  const text = await response.text();
  if (response.ok) return text ? JSON.parse(text) : null;
  let problem = {};
  try { problem = JSON.parse(text); } catch { /* no problem document: the status must do */ }
  throw new ApiError(response.status, problem.detail || problem.title || `answered ${response.status}`);
}

const of = name => `/api/v1/services/${encodeURIComponent(name)}`;

export const monitor = () => call('/api/v1/monitor');
export const service = name => call(of(name));
export const order = (name, what) => call(`${of(name)}/${what}`, { method: 'POST' });
export const generations = name => call(`${of(name)}/generations?limit=20`);
export const configuration = name => call(`${of(name)}/configuration`);
export const usage = name => call(`${of(name)}/usage`);
export const events = query => call(`/api/v1/events?${new URLSearchParams(query)}`);
export const alerts = () => call('/api/v1/alerts');
export const unacknowledge = id => call(`/api/v1/alerts/${encodeURIComponent(id)}/unacknowledge`, { method: 'POST' });
export const acknowledge = id => call(`/api/v1/alerts/${encodeURIComponent(id)}/acknowledge`, { method: 'POST' });
export const silence = (target, seconds, note) => call(`/api/v1/silences/${encodeURIComponent(target)}?${new URLSearchParams({ seconds, ...(note ? { note } : {}) })}`, { method: 'POST' });
export const unsilence = target => call(`/api/v1/silences/${encodeURIComponent(target)}`, { method: 'DELETE' });
/** The lines after a cursor, or the last ones. */
export const logStream = (name, lines, cursor) => new EventSource(`${of(name)}/logs?${new URLSearchParams({ lines, follow: true, ...(cursor === null ? {} : { cursor }) })}`);
