// SPDX-License-Identifier: GPL-2.0-only
// The run's data and sums over it: of all of it, of a CPU, of a vIPI. Draws nothing. Names are those of
// view_html.c and docs/report.md.

const data = JSON.parse(document.getElementById("data").textContent);
const run = data.run;

const OUTCOMES = ["raised", "coalesced", "masked", "coalesced while masked"];

// Where a quantity is in a row of run.margins, behind CPU and vIPI; a series has one of the first nine.
const SENT = 0, RECEIVED = 4, HANDLED = 8, UNMASKS = 9, KICKS = 10, NR_QUANTITIES = 11;

const cpus = run.cpus.map(([cpu]) => cpu);
const seconds = run.duration / 1e9;

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const add = (to, from) => from.forEach((number, i) => { to[i] += number; });
const zeros = (length) => new Array(length).fill(0);

// Of sends by outcome, as text__ and sends__ of the tool have them.
const coalesced = (sends) => sends[1] + sends[3];
const masked = (sends) => sends[2] + sends[3];

const fits = (wanted, value) => wanted === null || wanted === value;

// What a CPU (null: all that are shown) did with a vIPI (null: all): sends by outcome, and the rest.
function marginOf(cpu, vipi) {
	const total = zeros(NR_QUANTITIES);
	for (const [ofCpu, ofVipi, ...quantities] of run.margins)
		if (fits(cpu, ofCpu) && fits(vipi, ofVipi))
			add(total, quantities);
	return {
		sent: total.slice(SENT, RECEIVED),
		received: total.slice(RECEIVED, HANDLED),
		handled: total[HANDLED],
		unmasks: total[UNMASKS],
		kicks: total[KICKS],
	};
}

// The process calls of a CPU, or of all. They belong to no single vIPI.
function processesOf(cpu) {
	const batches = zeros(run.vipis.length + 1);
	// Handled one or more: nobody knows how many.
	let some = 0;
	for (const [ofCpu, ofBatches, ofSome = 0] of run.cpus)
		if (fits(cpu, ofCpu)) {
			add(batches, ofBatches);
			some += ofSome;
		}
	return {
		calls: sum(batches) + some,
		empty: batches[0],
		handled: marginOf(cpu, null).handled,
	};
}

// Nine rows of counts, one count a point: the quantities of a CPU and vIPI over time.
function seriesOf(cpu, vipi) {
	const rows = Array.from({ length: UNMASKS }, () => zeros(run.times.length));
	for (const [ofCpu, ofVipi, quantity, counts] of data.series)
		if (fits(cpu, ofCpu) && fits(vipi, ofVipi))
			add(rows[quantity], counts);
	return rows;
}

// Sends by pair, for a vIPI or all: [{ sender, target, sends }].
function pairsOf(vipi) {
	const pairs = new Map();
	for (const [sender, target, ofVipi, ...sends] of data.traffic) {
		if (!fits(vipi, ofVipi))
			continue;
		const key = `${sender} ${target}`;
		if (!pairs.has(key))
			pairs.set(key, { sender, target, sends: zeros(4) });
		add(pairs.get(key).sends, sends);
	}
	return [...pairs.values()];
}

// All CPUs that have a place in the matrix.
function cpusOf(pairs) {
	const all = new Set(cpus);
	for (const { sender, target } of pairs)
		all.add(sender).add(target);
	return [...all].sort((a, b) => a - b);
}

// Rows of [name, sends, sends]: each CPU as sender and as target; or, with a CPU chosen, what that one sent
// to each and was sent by each.
function halvesOf(cpu, vipi) {
	if (cpu === null)
		return cpus.map((each) => {
			const margin = marginOf(each, vipi);
			return { cpu: each, sent: margin.sent, received: margin.received };
		});
	const pairs = pairsOf(vipi);
	const rows = new Map(cpusOf(pairs).map((each) => [each, { cpu: each, sent: zeros(4), received: zeros(4) }]));
	for (const { sender, target, sends } of pairs) {
		if (sender === cpu)
			add(rows.get(target).sent, sends);
		if (target === cpu)
			add(rows.get(sender).received, sends);
	}
	return [...rows.values()];
}

// How long what waited on a CPU for a vIPI did so: counts by bucket, for those raised and those masked when
// they were sent, and how many were not timed. Null where nothing was measured.
function latencyOf(cpu, vipi) {
	if (!run.latency)
		return null;
	const waits = { raised: zeros(run.latency.buckets.length), masked: zeros(run.latency.buckets.length), untimed: 0 };
	for (const [ofCpu, vipis] of Object.entries(run.latency.cpus))
		for (const [ofVipi, { raised, masked, untimed }] of Object.entries(vipis))
			if (fits(cpu, Number(ofCpu)) && fits(vipi, Number(ofVipi))) {
				raised.forEach(([bucket, number]) => { waits.raised[bucket] += number; });
				masked.forEach(([bucket, number]) => { waits.masked[bucket] += number; });
				waits.untimed += untimed;
			}
	return waits;
}

// As latency__quantile of the tool: what this share did not exceed, ns, as the middle of its bucket.
function quantile(counts, share) {
	const starts = run.latency.buckets;
	const rank = Math.max(1, Math.ceil(share * sum(counts)));
	let seen = 0;
	const bucket = counts.findIndex((number) => (seen += number) >= rank);
	return bucket + 1 < starts.length ? Math.floor((starts[bucket] + starts[bucket + 1]) / 2) : starts[bucket];
}

// What none of them reached; the last bucket has no end.
const longest = (counts) => run.latency.buckets[counts.findLastIndex(Boolean) + 1] ?? null;

// What is on the time line beside rates and is of a CPU (null: any) and vIPI, in order.
function eventsOf(cpu, vipi) {
	const concerns = (wanted, value) => value === null || fits(wanted, value);
	const events = run.events.filter((event) => concerns(cpu, event.cpu) && concerns(vipi, event.vipi));
	let time = 0;
	run.times.forEach((length, i) => {
		const t0 = time / 1e9;
		time += length;
		if (run.missed_at[i])
			events.push({ t0, t1: time / 1e9, kind: "missed", text: `${count(run.missed_at[i])} events missed` });
	});
	return events.sort((a, b) => a.t0 - b.t0);
}

// Why a number here could be wrong; none, or the page says so above all.
function doubtsOf() {
	const doubts = [];
	const totals = marginOf(null, null);
	const points = seriesOf(null, null).map(sum);
	if (String(points) !== String([...totals.sent, ...totals.received, totals.handled]))
		doubts.push("The points over time do not add up to the totals of the run.");
	if (!points.every(Number.isSafeInteger))
		doubts.push("Some counts are above 2^53 and are rounded here.");
	if (run.missed)
		doubts.push(`The kernel skipped ${count(run.missed)} events: counts are too low by as many.`);
	return doubts;
}

// --- numbers for people ---

const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
const percent = (part, whole) => whole ? `${(100 * part / whole).toFixed(1)} %` : "-";
const mean = (total, number) => number ? (total / number).toFixed(2) : "-";

function rate(number, time = seconds) {
	if (!time)
		return "-";
	const value = number / time;
	return `${value < 1000 ? value.toFixed(1) : count(Math.round(value))}/s`;
}

// 12k, 3.5M: for axes.
function short(value) {
	for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e3]])
		if (value >= size)
			return `${Number((value / size).toPrecision(3))}${unit}`;
	return String(Number(value.toPrecision(3)));
}

function duration(ns) {
	for (const [unit, size] of [["s", 1e9], ["ms", 1e6], ["µs", 1e3]])
		if (ns >= size)
			return `${Number((ns / size).toPrecision(3))} ${unit}`;
	return `${ns} ns`;
}

// Since the start of the run: 7.25 s, 3:05, 1:00:00.
function elapsed(time) {
	if (seconds < 120)
		return `${Number(time.toFixed(2))} s`;
	const whole = Math.round(time);
	const two = (value) => String(value).padStart(2, "0");
	const hours = Math.floor(whole / 3600);
	return `${hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}` : Math.floor(whole / 60)}:${two(whole % 60)}`;
}

const clock = (time) => new Date((run.start + time) * 1000).toISOString().replace("T", " ").slice(0, 19) + " UTC";
