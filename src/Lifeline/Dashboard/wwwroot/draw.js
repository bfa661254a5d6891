// Small pictures on canvases. Colours come from the style sheet, so that both themes fit.

const cached = new Map();

export function color(name) {
  if (!cached.has(name)) cached.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return cached.get(name);
}

export const forgetColors = () => cached.clear();

/** A line of values, oldest first; null leaves a gap. */
export function line(canvas, values, stroke, { low, high } = {}) {
  const ratio = devicePixelRatio || 1;
  const width = canvas.clientWidth || canvas.width;
  const height = canvas.clientHeight || canvas.height;
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const known = values.filter(value => value !== null && value !== undefined);
  if (known.length < 2) return;
  const bottom = low ?? Math.min(...known);
  const top = Math.max(high ?? Math.max(...known), bottom + 1e-9);
  context.beginPath();
  context.lineWidth = 1.5;
  context.strokeStyle = stroke;
  let pen = false;
  values.forEach((value, i) => {
    if (value === null || value === undefined) { pen = false; return; }
    const x = 1 + i / Math.max(1, values.length - 1) * (width - 2);
    const y = height - 2 - (value - bottom) / (top - bottom) * (height - 4);
    if (pen) context.lineTo(x, y);
    else context.moveTo(x, y);
    pen = true;
  });
  context.stroke();
}
