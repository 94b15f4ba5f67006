// SPDX-License-Identifier: GPL-2.0-only
// Drawings: numbers in, an element out. All text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const CLASSES = ["raised", "coalesced", "masked", "coalesced-while-masked"];

function append(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes)) {
		if (name.startsWith("on"))
			node.addEventListener(name.slice(2), value);
		else if (value !== false && value !== null)
			node.setAttribute(name, value);
	}
	node.append(...children);
	return node;
}

const el = (name, attributes = {}, ...children) => append(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) => append(document.createElementNS(SVG, name), attributes, children);

const sendsText = (sends) => `sent ${count(sum(sends))} = ` +
	OUTCOMES.map((name, i) => `${name} ${count(sends[i])}`).filter((text, i) => i < 2 || sends[i]).join(" + ");

// One stop of the tab key for all of them; arrow keys go from one to the next.
function rove(items, stop) {
	items.forEach((item, i) => {
		item.setAttribute("tabindex", i === stop ? 0 : -1);
		item.addEventListener("keydown", (event) => {
			const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
			if (step && items[i + step]) {
				item.setAttribute("tabindex", -1);
				items[i + step].setAttribute("tabindex", 0);
				items[i + step].focus();
				event.preventDefault();
			}
			if (event.key === "Enter" || event.key === " ") {
				event.preventDefault();
				item.dispatchEvent(new MouseEvent("click", { bubbles: true }));
			}
		});
	});
}

// 1, 2 or 5 times a power of ten: about @wanted steps up to @top, whole ones if @whole.
function stepFor(top, wanted, whole = false) {
	const rough = top / wanted || 1;
	const power = 10 ** Math.floor(Math.log10(rough));
	const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= rough);
	return whole ? Math.max(1, step) : step;
}

function stepsUpTo(top, step) {
	return Array.from({ length: Math.floor(top / step + 1e-9) + 1 }, (_, i) => i * step);
}

// The grid, and its numbers on the left.
function gridOf(left, width, top, height, highest, step) {
	return stepsUpTo(highest, step).flatMap((value) => {
		const y = Math.round(top + height - height * value / highest) + .5;
		return [svg("line", { class: "grid", x1: left, x2: left + width, y1: y, y2: y }),
			svg("text", { x: left - 6, y: y + 4, "text-anchor": "end" }, short(value))];
	});
}

// Sends by outcome as steps on top of one another, handled as a line; what happened in a lane below.
function drawRates({ title, key, width, sends, handled, events }) {
	const left = 52, top = 8, height = 150, plot = width - left - 12;
	const lanes = [...new Set(events.map(({ kind }) => kind))], lane = 13;
	const bottom = top + height + lane * lanes.length + (lanes.length ? 4 : 0);
	const edges = [0];
	run.times.forEach((time) => edges.push(edges.at(-1) + time / 1e9));
	const end = edges.at(-1) || 1;
	const x = (time) => left + plot * Math.min(time, end) / end;
	const perSecond = (counts) => counts.map((number, i) => run.times[i] ? number * 1e9 / run.times[i] : 0);

	const layers = sends.map(perSecond);
	const floors = [zeros(run.times.length)];
	layers.forEach((layer) => floors.push(layer.map((value, i) => value + floors.at(-1)[i])));
	const line = handled && perSecond(handled);
	const highest = Math.max(...floors.at(-1), ...(line || []), 1e-9) * 1.05;
	const y = (value) => (top + height - height * value / highest).toFixed(1);

	const steps = (values) => values.map((value, i) => `V${y(value)}H${x(edges[i + 1]).toFixed(1)}`).join("");
	const back = (values) => values.map((value, i) => `V${y(value)}H${x(edges[i]).toFixed(1)}`).reverse().join("");
	const areas = CLASSES.map((name, i) => sum(layers[i]) ? svg("path", {
		class: name, d: `M${x(0)} ${y(floors[i][0])}${steps(floors[i + 1])}${back(floors[i])}Z`,
	}) : null).filter(Boolean);
	const marks = events.map(({ t0, t1, kind, text }) => svg("rect", {
		class: `mark ${kind}`, x: x(t0), y: top + height + 9 + lane * lanes.indexOf(kind),
		width: Math.max(3, x(t1) - x(t0)), height: 8,
	}, svg("title", {}, `${elapsed(t0)} ${text}`)));
	const kinds = lanes.map((kind, i) => svg("text", {
		x: left - 6, y: top + height + 17 + lane * i, "text-anchor": "end",
	}, kind));
	const times = stepsUpTo(end, timeStep(end, plot)).map((time) => svg("text", {
		x: x(time), y: bottom + 18, "text-anchor": "middle",
	}, elapsed(time)));

	const cursor = svg("rect", { class: "cursor", y: top, height, width: 0 });
	const readout = el("p", { class: "readout", role: "status" }, HOW_TO_READ);
	let at = -1;
	const show = (point) => {
		at = Math.max(0, Math.min(run.times.length - 1, point));
		cursor.setAttribute("x", x(edges[at]));
		cursor.setAttribute("width", Math.max(1, x(edges[at + 1]) - x(edges[at])));
		const of = (counts) => rate(counts[at], run.times[at] / 1e9);
		readout.textContent = `${elapsed(edges[at])} to ${elapsed(edges[at + 1])}, ${clock(edges[at])}: ` +
			OUTCOMES.map((name, i) => i < 2 || sends[i][at] ? `${name} ${of(sends[i])}` : "").filter(Boolean).join(", ") +
			(handled ? `, handled ${of(handled)}` : "");
	};
	const drawing = svg("svg", {
		width, height: bottom + 24, tabindex: 0, role: "img", "data-key": `rates-${key}`,
		"aria-label": `${title}; arrow keys read the points`,
		onpointermove(event) {
			const time = (event.clientX - drawing.getBoundingClientRect().left - left) / plot * end;
			show(edges.findLastIndex((edge) => edge <= time));
		},
		onkeydown(event) {
			const step = { ArrowRight: 1, ArrowLeft: -1, Home: -run.times.length, End: run.times.length }[event.key];
			if (step) {
				show(at + step);
				event.preventDefault();
			}
		},
	}, ...gridOf(left, plot, top, height, highest, stepFor(highest, 4)), ...areas,
	...(line ? [svg("path", { class: "handled", d: `M${x(0)} ${y(line[0])}${steps(line)}` })] : []),
	svg("line", { class: "axis", x1: left, x2: left + plot, y1: top + height + .5, y2: top + height + .5 }),
	...marks, ...kinds, ...times, cursor);
	const legend = CLASSES.map((name, i) => i < 2 || sum(sends[i]) ? el("span", { class: name }, OUTCOMES[i]) : null);
	if (handled)
		legend.push(el("span", { class: "handled" }, "handled"));
	return el("figure", {}, el("figcaption", {}, el("h3", {}, title), el("span", { class: "note" }, "events a second"),
		el("div", { class: "legend" }, ...legend.filter(Boolean))), drawing, readout);
}

// Steps of the time axis that clocks have.
function timeStep(end, plot) {
	const least = end / (plot / 80);
	return [.01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200]
		.find((step) => step >= least) || stepFor(end, plot / 80);
}

// A column for each CPU: its sends by outcome, the share that was absorbed above it.
function drawBars({ title, key, width, rows, chosen, choose }) {
	const left = 52, top = 18, height = 120, plot = width - left - 4, slot = plot / rows.length;
	const highest = Math.max(...rows.map(({ sends }) => sum(sends)), 1) * 1.02;
	const thick = Math.max(1, Math.min(36, slot * .72));
	const every = Math.ceil(String(rows.at(-1)?.cpu ?? 0).length * 8 / slot);
	const columns = rows.map(({ cpu, sends }, i) => {
		const middle = left + slot * (i + .5);
		let y = top + height;
		const parts = sends.map((number, outcome) => {
			const tall = height * number / highest;
			y -= tall;
			return number ? svg("rect", {
				class: CLASSES[outcome], x: middle - thick / 2, y, width: thick, height: tall,
			}) : null;
		});
		const share = percent(coalesced(sends), sum(sends));
		return svg("g", {
			class: `cpu${cpu === chosen ? " chosen" : ""}`, role: "button", "data-cpu": cpu, "data-key": `${key}-${cpu}`,
			"aria-pressed": cpu === chosen, "aria-label": `CPU ${cpu}: ${sendsText(sends)}`,
			onclick: () => choose(cpu),
		}, svg("title", {}, `CPU ${cpu}: ${sendsText(sends)}; ${share} coalesced`),
		svg("rect", { class: "hit", x: left + slot * i, y: 0, width: slot, height: top + height + 20 }),
		...parts.filter(Boolean),
		...(slot >= 50 ? [svg("text", { x: middle, y: y - 5, "text-anchor": "middle" }, share)] : []),
		...(i % every ? [] : [svg("text", { x: middle, y: top + height + 14, "text-anchor": "middle" }, cpu)]));
	});
	rove(columns, Math.max(0, rows.findIndex(({ cpu }) => cpu === chosen)));
	const used = CLASSES.filter((_, i) => i < 2 || rows.some(({ sends }) => sends[i]));
	return el("figure", {}, el("figcaption", {}, el("h3", {}, title), el("div", { class: "legend" },
		...used.map((name) => el("span", { class: name }, OUTCOMES[CLASSES.indexOf(name)])))),
	svg("svg", { width, height: top + height + 22, role: "group", "aria-label": title },
		...gridOf(left, plot, top, height, highest, stepFor(highest, 4, true)), ...columns));
}

const HEATS = 9;
const HOW_TO_READ = "Point at it, or go there with the tab and arrow keys, to read the numbers.";

// More CPUs than this are no longer told apart: the quietest become one, "rest".
const MATRIX_MAX = 64;

function foldPairs(pairs, all, chosen) {
	if (all.length <= MATRIX_MAX)
		return { names: all, pairs };
	const traffic = new Map(all.map((cpu) => [cpu, 0]));
	for (const { sender, target, sends } of pairs)
		for (const cpu of new Set([sender, target]))
			traffic.set(cpu, traffic.get(cpu) + sum(sends));
	const busiest = new Set([...all].sort((a, b) => traffic.get(b) - traffic.get(a)).slice(0, MATRIX_MAX - 1));
	if (chosen !== null)
		busiest.add(chosen);
	const folded = new Map();
	for (const { sender, target, sends } of pairs) {
		const from = busiest.has(sender) ? sender : "rest", to = busiest.has(target) ? target : "rest";
		const key = `${from} ${to}`;
		if (!folded.has(key))
			folded.set(key, { sender: from, target: to, sends: zeros(4) });
		add(folded.get(key).sends, sends);
	}
	return { names: [...all.filter((cpu) => busiest.has(cpu)), "rest"], pairs: [...folded.values()] };
}

// Senders down, targets across. @share: colour is the part coalesced, not the number of sends.
function drawMatrix({ width, pairs: unfolded, all, share, chosen, choose }) {
	const { names, pairs } = foldPairs(unfolded, all, chosen);
	const left = 44, top = 34, side = Math.max(7, Math.min(44, Math.floor((width - left) / names.length)));
	const size = side * names.length;
	const place = new Map(names.map((name, i) => [name, i]));
	const scale = share ? shareScale() : trafficScale(pairs.map(({ sends }) => sum(sends)));

	const readout = el("p", { class: "readout", role: "status" }, HOW_TO_READ);
	const cross = svg("rect", { class: "cross", width: 0, height: side });
	const known = new Map(pairs.map((pair) => [place.get(pair.sender) * names.length + place.get(pair.target), pair]));
	let row = 0, column = 0;
	const show = (toRow, toColumn) => {
		row = Math.max(0, Math.min(names.length - 1, toRow));
		column = Math.max(0, Math.min(names.length - 1, toColumn));
		cross.setAttribute("x", left + column * side);
		cross.setAttribute("y", top + row * side);
		cross.setAttribute("width", side);
		const sends = known.get(row * names.length + column)?.sends || zeros(4);
		readout.textContent = `CPU ${names[row]} to CPU ${names[column]}: ${sendsText(sends)}, ` +
			`${percent(coalesced(sends), sum(sends))} coalesced, ${rate(sum(sends))}`;
	};

	const cells = pairs.map(({ sender, target, sends }) => svg("rect", {
		class: `cell heat${scale.heat(sends)}${chosen !== null && sender !== chosen && target !== chosen ? " away" : ""}`,
		"data-pair": `${sender}-${target}`, "data-sent": sum(sends),
		x: left + place.get(target) * side, y: top + place.get(sender) * side, width: side - 1, height: side - 1,
	}));
	const label = (name, i, sends) => {
		const middle = (sends ? top : left) + side * (i + .5);
		const turn = !sends && side < 24;
		return svg("g", name === "rest" ? {} : {
			class: `cpu${name === chosen ? " chosen" : ""}`, role: "button", "data-cpu": name,
			"data-key": `matrix-${sends ? "row" : "column"}-${name}`, "aria-pressed": name === chosen,
			"aria-label": `CPU ${name} as ${sends ? "sender" : "target"}`, onclick: () => choose(name),
		}, svg("rect", sends ? { class: "hit", x: 0, y: top + side * i, width: left, height: side } :
			{ class: "hit", x: left + side * i, y: 0, width: side, height: top }),
		sends ? svg("text", { x: left - 6, y: middle + Math.min(11, side - 1) / 3, "text-anchor": "end" }, name) :
			svg("text", { x: middle, y: top - 6, "text-anchor": turn ? "start" : "middle",
				...(turn ? { transform: `rotate(-90 ${middle + 3} ${top - 6})`, dx: 3 } : {}) }, name));
	};
	const labels = [true, false].map((sends) => names.map((name, i) => label(name, i, sends)));
	for (const each of labels.flat())
		each.querySelector("text").style.setProperty("font-size", `${Math.min(11, side - 1)}px`);
	labels.forEach((each) => rove(each.filter((node) => node.dataset.cpu), 0));

	const drawing = svg("svg", {
		width: left + size + 1, height: top + size + 1, "data-key": "matrix", role: "group", tabindex: 0,
		"aria-label": "Sends by sender, down, and target, across; arrow keys read the cells",
		onpointermove(event) {
			const box = drawing.getBoundingClientRect();
			const across = Math.floor((event.clientX - box.left - left) / side);
			const down = Math.floor((event.clientY - box.top - top) / side);
			if (across >= 0 && down >= 0)
				show(down, across);
		},
		onkeydown(event) {
			const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
			if (step && event.target === drawing) {
				show(row + step[0], column + step[1]);
				event.preventDefault();
			}
		},
	}, svg("rect", { class: "frame", x: left - .5, y: top - .5, width: size, height: size }), ...cells,
	...labels.flat(), cross);
	return el("figure", {}, el("p", { class: "hint" }, "Senders down, targets across."), drawing,
		drawScale(scale), readout);
}

// The colours by their lower edges: the first that is not above a number is its own.
function scaleOf(title, edges, top, valueOf) {
	return { title, labels: [...edges, top], heat: (sends) => edges.findLastIndex((edge) => edge <= valueOf(sends)) };
}

function shareScale() {
	const edges = Array.from({ length: HEATS }, (_, step) => step / HEATS);
	const scale = scaleOf("share coalesced", edges, 1, (sends) => coalesced(sends) / sum(sends));
	return { ...scale, labels: scale.labels.map((edge) => `${Math.round(edge * 100)}%`) };
}

// Logarithmic, from the quietest pair to the busiest.
function trafficScale(numbers) {
	const least = Math.min(...numbers), most = Math.max(...numbers);
	const steps = Array.from({ length: HEATS }, (_, step) => Math.ceil(least * (most / least) ** (step / HEATS)));
	const scale = scaleOf("sends", numbers.length ? steps : [1], numbers.length ? most : 1, sum);
	return { ...scale, labels: scale.labels.map(short) };
}

function drawScale({ title, labels }) {
	const side = 44;
	return svg("svg", {
		width: side * (labels.length - 1) + 90, height: 30, role: "img", "aria-label": `Colours: ${title}`,
	},
		...labels.slice(1).map((_, i) => svg("rect", { class: `heat${i}`, x: i * side, y: 6, width: side, height: 9 })),
		...labels.map((label, i) => svg("text", { x: i * side, y: 27 }, label)),
		svg("text", { x: (labels.length - 1) * side + 8, y: 14 }, title));
}

// How many waited how long: buckets from the first that is used to the last, wider as they get longer.
function drawHistogram({ title, width, counts, buckets }) {
	const first = counts.findIndex(Boolean), last = counts.findLastIndex(Boolean);
	const left = 52, top = 8, height = 150, plot = width - left - 24, slot = plot / (last - first + 1);
	const highest = Math.max(...counts) * 1.02;
	const every = Math.ceil(64 / slot);
	return el("figure", {}, el("figcaption", {}, el("h3", {}, title)), svg("svg", {
		width, height: top + height + 22, role: "img", "aria-label": title,
	}, ...gridOf(left, plot, top, height, highest, stepFor(highest, 4, true)),
	...counts.slice(first, last + 1).flatMap((number, i) => [
		svg("rect", { class: "latency", x: left + slot * i, width: Math.max(1, slot - 1),
			y: top + height - height * number / highest, height: height * number / highest },
		svg("title", {}, `from ${duration(buckets[first + i])}: ${count(number)}`)),
		...(i % every ? [] : [svg("text", { x: left + slot * i, y: top + height + 14, "text-anchor": "middle" },
			duration(buckets[first + i]))])])));
}

// Columns are { name, title, target, of(row), text(row) }; a number that is 0 is faint.
function drawTable(columns, rows, { head, total, chosen = () => false }) {
	const cells = (row) => columns.map((column) => el("td", {
		class: [column.target && "target", column.of(row) ? "" : "zero"].filter(Boolean).join(" ") || null,
		"data-column": column.name, "data-exact": column.of(row),
	}, column.text ? column.text(row) : count(column.of(row))));
	return el("table", {},
		el("thead", {}, el("tr", {}, el("th", { scope: "col" }, head), ...columns.map((column) =>
			el("th", { scope: "col", title: column.title, class: column.target ? "target" : null }, column.name)))),
		el("tbody", {}, ...rows.map((row) => el("tr", { "data-row": row.name, class: chosen(row) ? "chosen" : null },
			el("th", { scope: "row" }, row.button || row.name), ...cells(row)))),
		...(total ? [el("tfoot", {}, el("tr", { "data-row": "total" }, el("th", { scope: "row" }, "total"),
			...cells(total)))] : []));
}
