// SPDX-License-Identifier: GPL-2.0-only
// Puts the page together: what is chosen, and all that shows it.

const filter = { cpu: null, vipi: null };
let share = false;

const byId = (id) => document.getElementById(id);
const put = (id, ...children) => byId(id).replaceChildren(...children);
const widthOf = (id) => Math.floor(byId(id).clientWidth);

function choose(change) {
	// Chosen again: chosen no more.
	for (const [what, value] of Object.entries(change))
		filter[what] = filter[what] === value ? null : value;
	render();
}

// Only CPUs of which all is known can be chosen.
const chooseCpu = (cpu) => { if (cpus.includes(cpu)) choose({ cpu }); };

const cpuName = () => filter.cpu === null ? run.only ? `CPUs ${run.only}` : "all CPUs" : `CPU ${filter.cpu}`;
const vipiName = () => filter.vipi === null ? "all vIPIs" : run.vipis[filter.vipi];

// --- sums ---

function renderSums() {
	const margin = marginOf(filter.cpu, filter.vipi);
	const processes = filter.vipi === null ? processesOf(filter.cpu) : null;
	const sent = sum(margin.sent);
	const item = (name, value, more, key) => el("div", {}, el("dt", {}, name),
		el("dd", { "data-sum": key || name }, value), el("dd", {}, more || ""));
	const process = (name, of, more) => item(name, processes ? of(processes) : "-",
		processes ? more(processes) : "of all vIPIs");
	const half = (title, ...items) => el("div", {}, el("h3", {}, title), el("dl", {}, ...items));
	put("sums",
		half("As sender",
			item("sent", count(sent), rate(sent)),
			item("raised", count(margin.sent[0]), percent(margin.sent[0], sent)),
			item("coalesced", count(coalesced(margin.sent)), percent(coalesced(margin.sent), sent)),
			item("masked", count(masked(margin.sent)), percent(masked(margin.sent), sent))),
		half("As target",
			item("received", count(sum(margin.received)), rate(sum(margin.received))),
			item("handled", count(margin.handled), rate(margin.handled)),
			process("process", ({ calls }) => count(calls), ({ calls }) => rate(calls)),
			process("batch", ({ handled, calls, empty }) => mean(handled, calls - empty), () => "mean"),
			process("empty", ({ empty }) => count(empty), ({ empty, calls }) => percent(empty, calls)),
			item("unmask", count(margin.unmasks)),
			item("kick", count(margin.kicks))),
		half("Whole machine",
			item("missed", count(run.missed), "by the tracer"),
			el("div", {}, el("dt", {}, "audit"), el("dd", { "data-sum": "audit",
				class: verdictClass }, verdict))));
}

// A recording that was cut off has none.
const VERDICT_CLASSES = { balanced: "good", except: null, off: "bad", not_judged: null };
const verdict = run.audit.verdict_text, verdictClass = VERDICT_CLASSES[run.audit.verdict];

// --- over time ---

function renderRates() {
	const series = seriesOf(filter.cpu, filter.vipi);
	const events = eventsOf(filter.cpu, filter.vipi);
	const width = widthOf("rates");
	const sent = series.slice(SENT, RECEIVED), received = series.slice(RECEIVED, HANDLED);
	const handled = series[HANDLED];
	if (!run.times.length)
		return put("rates", el("p", {}, "No interval was measured."));
	// Of the whole machine what is sent is what is received.
	if (filter.cpu === null && !run.only)
		return put("rates", drawRates({ title: `Sent, ${vipiName()}`, key: "sent", width, sends: sent, handled, events }));
	const who = `${cpuName()}, ${vipiName()}`;
	return put("rates",
		drawRates({ title: `Sent by ${who}`, key: "sent", width, sends: sent, events }),
		drawRates({ title: `Sent to ${who}`, key: "received", width, sends: received, handled, events }));
}

function renderEvents() {
	const events = eventsOf(filter.cpu, filter.vipi);
	const left = run.events_left_out ? [el("p", {}, `${count(run.events_left_out)} more are not listed.`)] : [];
	if (!events.length)
		return put("events", el("p", { class: "note" }, `Nothing to tell of ${cpuName()}, ${vipiName()}: no storm, nothing stuck, ` +
			"no event missed, no CPU that came or went."));
	return put("events", el("div", {
		class: "scroll", tabindex: 0, role: "region", "aria-label": "Events",
	}, el("table", {},
		el("thead", {}, el("tr", {}, ...["from", "to", "what", ""].map((name) => el("th", { scope: "col" }, name)))),
		el("tbody", {}, ...events.map(({ t0, t1, kind, text }) => el("tr", {}, el("td", {}, elapsed(t0)),
			el("td", {}, elapsed(t1)), el("td", {}, kind), el("td", { class: "text" }, text)))))), ...left);
}

// --- CPUs ---

function renderBars() {
	const rows = halvesOf(filter.cpu, filter.vipi);
	const side = byId("bars").clientWidth;
	const width = Math.floor(side > 860 ? (side - 20) / 2 : side);
	const bars = (title, key, half) => drawBars({ title, key, width, chosen: filter.cpu, choose: chooseCpu,
		rows: rows.map((row) => ({ cpu: row.cpu, sends: row[half] })) });
	const one = filter.cpu !== null;
	put("bars",
		bars(`${one ? `Sent by CPU ${filter.cpu}, by target` : "As sender"}, ${vipiName()}`, "bar-sent", "sent"),
		bars(`${one ? `Sent to CPU ${filter.cpu}, by sender` : "As target"}, ${vipiName()}`, "bar-received", "received"));
}

function renderMatrix() {
	const pairs = pairsOf(filter.vipi);
	const all = cpusOf(pairs);
	const section = widthOf("matrix-section");
	// The busiest pairs go beside it where there is room.
	const width = section > 960 ? section - 400 : section;
	const toggle = (value, text) => el("label", {}, el("input", { type: "radio", name: "heat", "data-key": `heat-${text}`,
		...(share === value ? { checked: "" } : {}), onchange: () => { share = value; render(); } }), text);
	put("matrix",
		el("fieldset", {}, el("legend", {}, "Colour by"), toggle(false, "sends"), toggle(true, "share coalesced")),
		drawMatrix({ width, pairs, all, share, chosen: filter.cpu, choose: chooseCpu }));

	const shown = pairs.filter(({ sender, target }) => fits(filter.cpu, sender) || fits(filter.cpu, target))
		.sort((a, b) => sum(b.sends) - sum(a.sends));
	put("pairs", el("h3", {}, `Busiest pairs, ${cpuName()}, ${vipiName()}`), drawTable(sendColumns(({ sends }) => sends),
		shown.slice(0, 16).map((pair) => ({ ...pair, name: `${pair.sender} to ${pair.target}` })), { head: "CPU" }),
	el("p", { class: "note" }, `${count(Math.min(16, shown.length))} of ${count(shown.length)} pairs with traffic`));
}

// As the left half of `stat`; @of takes the sends out of a row.
const sendColumns = (of, target) => [
	{ name: "sent", of: (row) => sum(of(row)), target },
	{ name: "raised", of: (row) => of(row)[0] },
	{ name: "coal%", of: (row) => coalesced(of(row)), text: (row) => percent(coalesced(of(row)), sum(of(row))),
		title: "share of sent that was coalesced" },
	{ name: "masked", of: (row) => masked(of(row)), title: "sends that met a disabled vIPI" },
];

const processColumn = (name, value, text) => ({ name, of: (row) => row.processes ? value(row.processes) : 0,
	text: (row) => row.processes ? (text || ((processes) => count(value(processes))))(row.processes) : "-" });

const targetColumns = [
	{ name: "handled", of: (row) => row.handled, target: true },
	processColumn("process", ({ calls }) => calls),
	processColumn("batch", ({ handled }) => handled, ({ handled, calls, empty }) => mean(handled, calls - empty)),
	processColumn("empty", ({ empty }) => empty),
	{ name: "unmask", of: (row) => row.unmasks },
	{ name: "kick", of: (row) => row.kicks },
];

const cpuButton = (cpu) => cpus.includes(cpu) ? el("button", {
	type: "button", "data-cpu": cpu, "data-key": `row-${cpu}`, "aria-pressed": cpu === filter.cpu,
	onclick: () => chooseCpu(cpu),
}, cpu) : el("span", {}, cpu);

function renderCpus() {
	const chosen = ({ name }) => name === filter.cpu;
	const row = (cpu) => ({ name: cpu, ...marginOf(cpu, filter.vipi),
		processes: filter.vipi === null ? processesOf(cpu) : null });
	if (filter.cpu === null) {
		put("cpus", drawTable([...sendColumns(({ sent }) => sent), ...targetColumns],
			cpus.map((cpu) => ({ ...row(cpu), button: cpuButton(cpu) })), { head: "CPU", total: row(null) }));
		byId("h-cpus").textContent = `CPUs, ${vipiName()}`;
		return;
	}
	const halves = halvesOf(filter.cpu, filter.vipi);
	const total = { sent: zeros(4), received: zeros(4) };
	halves.forEach(({ sent, received }) => { add(total.sent, sent); add(total.received, received); });
	put("cpus", drawTable([...sendColumns(({ sent }) => sent), ...sendColumns(({ received }) => received, true)],
		halves.map((half) => ({ ...half, name: half.cpu, button: cpuButton(half.cpu) })), { head: "CPU", total, chosen }));
	byId("h-cpus").textContent = `CPU ${filter.cpu} and each CPU, ${vipiName()}: ` +
		"sent to it, on the left, and received from it";
}

function renderVipis() {
	const row = (vipi) => ({ ...marginOf(filter.cpu, vipi), processes: vipi === null ? processesOf(filter.cpu) : null });
	byId("h-vipis").textContent = `vIPIs, ${cpuName()}`;
	put("vipis", drawTable([...sendColumns(({ sent }) => sent), ...targetColumns], run.vipis.map((name, vipi) => ({
		...row(vipi), name, button: el("button", {
			type: "button", "data-key": `vipi-${vipi}`, "aria-pressed": vipi === filter.vipi,
			onclick: () => choose({ vipi }),
		}, name),
	})), { head: "vIPI", total: row(null), chosen: ({ name }) => name === run.vipis[filter.vipi] }));
}

// --- latency, audit ---

const waitColumns = [
	{ name: "timed", of: ({ counts }) => sum(counts) },
	...[["p50", .5], ["p90", .9], ["p99", .99]].map(([name, share]) => ({
		name, of: ({ counts }) => sum(counts) ? quantile(counts, share) : null,
		text: (row) => row.counts.some(Boolean) ? duration(quantile(row.counts, share)) : "-",
	})),
	{ name: "max <", of: ({ counts }) => longest(counts), text: ({ counts }) => counts.some(Boolean) ?
		longest(counts) === null ? "-" : duration(longest(counts)) : "-", title: "what none of them reached" },
	{ name: "not timed", of: ({ untimed }) => untimed, text: ({ untimed }) => untimed === null ? "" : count(untimed),
		title: "handled, but it is not certain which send set the bit" },
];

function renderLatency() {
	const waits = latencyOf(filter.cpu, filter.vipi);
	if (!waits)
		return put("latency", el("p", { class: "note" }, "Not measured (record with --latency)."));
	const kinds = [{ name: "raised", counts: waits.raised, untimed: waits.untimed }];
	if (sum(waits.masked))
		kinds.push({ name: "masked", counts: waits.masked, untimed: null });
	return put("latency",
		el("p", { class: "note" }, "From the send that set the bit to its process, by what that send found; " +
			"at most 12.5 % off from 100 ns on."),
		drawTable(waitColumns, kinds, { head: "waited" }),
		...kinds.filter(({ counts }) => sum(counts)).map(({ name, counts }) => drawHistogram({
			title: `Waited: ${name}, ${cpuName()}, ${vipiName()}`, width: widthOf("latency"), counts,
			buckets: run.latency.buckets,
		})));
}

// raised 3 + masked 0 + carried in 0 = handled 3 + still pending 0
function equationOf(audit) {
	const set = [["raised", audit.raised], ["masked", audit.masked], ["carried in", audit.carried_in]];
	const handled = [["handled", audit.handled], ["still pending", audit.still_pending]];
	const side = (terms) => terms.map(([name, number]) => `${name} ${count(number)}`).join(" + ");
	const total = (terms) => sum(terms.map(([, number]) => number));

	if (audit.unseen)
		set.push(["not seen", audit.unseen]);
	// How much more was set than handled, where outcomes are uncertain.
	if (audit.guessed > 0)
		handled.push(["guessed", audit.guessed]);
	else if (audit.guessed < 0)
		set.push(["guessed", -audit.guessed]);
	if (audit.under_way)
		(audit.under_way > 0 ? handled : set).push(["under way", Math.abs(audit.under_way)]);
	return `${side(set)} ${total(set) === total(handled) ? "=" : "\u2260"} ${side(handled)}`;
}

function kernelText({ kernel_room: room, entries }) {
	if (room === null)
		return "Handled was not compared with the kernel's own counts: they cannot be read.";
	if (entries.some(({ finding }) => finding === "not_run" || finding === "run_again"))
		return "Handled differs from the kernel's own counts, see below.";
	if (room)
		return `Handled matches the kernel's own counts (to within ${count(room)} handled while reading).`;
	return "Handled matches the kernel's own counts.";
}

function viaText(audit) {
	if (audit.uncertain)
		return `Via ${audit.via}: all exact except the outcomes of ${count(audit.uncertain)} sends, which are uncertain.`;
	return `Via ${audit.via}: all exact, no outcome is uncertain.`;
}

function renderAudit() {
	const audit = run.audit;
	const entries = audit.entries.filter(({ cpu, vipi }) => fits(filter.cpu, cpu) &&
		(filter.vipi === null || run.vipis[filter.vipi] === vipi));
	const balance = "still_pending" in audit ?
		[el("p", { class: "equation" }, equationOf(audit)), el("p", {}, kernelText(audit)),
			...("uncertain" in audit ? [el("p", {}, viaText(audit))] : [])] :
		[el("p", {}, "The recording ends before the run did: what was set by then " +
			`(raised ${count(audit.raised)} + masked ${count(audit.masked)}) and what was handled ` +
			`(${count(audit.handled)}) need not balance.`)];
	put("audit", el("p", { class: verdictClass }, verdict), ...balance,
		el("ul", {}, ...entries.map((entry) => el("li", { class: entry.verdict === "off" ? "bad" : null },
			`CPU ${entry.cpu}${entry.vipi === null ? "" : ` ${entry.vipi}`}: ${entry.text}`))),
		el("p", { class: "note" }, `The audit is of all CPUs and vIPIs; findings listed: ${entries.length} of ` +
			`${audit.entries.length}. What is not counted: IPIs that never pass the multiplexer, such as remote ` +
			"fences that the firmware makes."));
}

// --- the page ---

function render() {
	const focused = document.activeElement?.dataset?.key;
	byId("cpu").value = filter.cpu === null ? "" : String(filter.cpu);
	byId("vipi").value = filter.vipi === null ? "" : String(filter.vipi);
	byId("clear").disabled = filter.cpu === null && filter.vipi === null;
	byId("showing").textContent = `Showing ${cpuName()}, ${vipiName()}`;
	for (const part of [renderSums, renderRates, renderEvents, renderBars, renderMatrix, renderLatency, renderCpus,
		renderVipis, renderAudit])
		part();
	if (focused)
		document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function start() {
	const nr = (number, what) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
	const option = (value, text) => el("option", { value }, text);
	const select = (id, what, all, options) => {
		put(id, option("", all), ...options);
		byId(id).addEventListener("change", ({ target }) => {
			filter[what] = target.value === "" ? null : Number(target.value);
			render();
		});
	};
	document.title = `IPI multiplexer report: ${run.source || clock(0)}`;
	byId("about").textContent = [run.source || "measured live", clock(0), elapsed(seconds),
		run.only ? `CPUs ${run.only} of ${run.possible}` : `CPUs ${run.possible}`].join(" · ");
	byId("resolution").textContent = `${nr(run.intervals, "interval")}, ` + (run.per_point === 1 ? "each one a point." :
		`${count(run.per_point)} of them added up in each of ${nr(run.times.length, "point")}.`) +
		" Pairs of CPUs are known for the whole run only.";
	byId("made-by").textContent = `${run.tool}. Counts are exact; shares and rates are rounded to what is shown.`;
	put("doubts", ...doubtsOf().map((text) => el("p", { class: "doubt" }, text)));
	select("cpu", "cpu", run.only ? run.only : "all", cpus.map((cpu) => option(cpu, cpu)));
	select("vipi", "vipi", "all", run.vipis.map((name, vipi) => option(vipi, name)));
	byId("clear").addEventListener("click", () => { filter.cpu = filter.vipi = null; render(); });
	byId("theme").addEventListener("change", ({ target }) => { document.documentElement.dataset.theme = target.value; });
	let width = document.body.clientWidth;
	render();
	new ResizeObserver(() => {
		if (width !== document.body.clientWidth) {
			width = document.body.clientWidth;
			render();
		}
	}).observe(document.body);
}

start();
