// Rounds: candidates timed in turns, so that noise meets all of them; the fastest round of each counts.

const ROUNDS = 40;
const ROUND_MS = 10;

/** Each candidate's seconds for one call; candidates may be asynchronous. */
export async function fastest(candidates) {
  const repeats = new Map();
  const best = new Map();
  for (const [name, call] of candidates) repeats.set(name, await repeatsOf(call));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, call] of candidates) {
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, await timed(call, repeats.get(name))));
    }
  }
  return best;
}

/** Prints the times, and how many times the first candidate's each is, beside what `required` asks for. */
export function table(title, best, required = {}) {
  console.log(`\n${title}`);
  const [first] = best.values();
  for (const [name, seconds] of best) {
    const aim = required[name] ? `  (to reach: ${required[name]})` : "";
    const [time, ratio] = [(seconds * 1e6).toFixed(2), (seconds / first).toFixed(1)];
    console.log(`  ${name.padEnd(48)} ${time.padStart(12)} µs ${ratio.padStart(9)} x${aim}`);
  }
}

/** How many calls fill a round, after warming up. */
async function repeatsOf(call) {
  for (const end = performance.now() + 50; performance.now() < end; ) await call();
  let repeats = 1;
  let spent = (await timed(call, repeats)) * 1000;
  while (spent < ROUND_MS / 4) {
    repeats *= 2;
    spent = (await timed(call, repeats)) * repeats * 1000;
  }
  return Math.max(1, Math.floor((repeats * ROUND_MS) / spent));
}

async function timed(call, repeats) {
  const began = process.hrtime.bigint();
  let result = call();
  if (result instanceof Promise) {
    await result;
    for (let turn = 1; turn < repeats; turn++) await call();
  } else for (let turn = 1; turn < repeats; turn++) result = call();
  return Number(process.hrtime.bigint() - began) / 1e9 / repeats;
}
