# SPDX-License-Identifier: GPL-2.0-only
"""A page of `ipimux-trace report` in a real Chromium, held against the summary of the same run.

For tests/tree/report.t and tests/vm/views/report.t. Needs Debian's python3 (python3-selenium), no network.
"""
import json
import pathlib
import re
import signal
import sys
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common import utils
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

sys.path.append(str(pathlib.Path(__file__).parents[1] / "vm"))
from guest import ok

OUTCOMES = ["raised", "coalesced", "masked", "coalesced_while_masked"]
# Seconds; a busy machine takes its time.
LIMIT = 300


class Driver(Service):
    """chromedriver by its address: a machine without /etc/hosts knows no localhost."""

    @property
    def service_url(self):
        return f"http://127.0.0.1:{self.port}"

    def is_connectable(self):
        return utils.is_connectable(self.port, "127.0.0.1")


class Browser:
    """A Chromium of its own, that is gone afterwards, whatever happens."""

    def __enter__(self):
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        # Tests run as root, which Chromium's sandbox does not like.
        for argument in ("--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
                         "--force-device-scale-factor=1", f"--user-data-dir={self._profile.name}"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # Whatever hangs, the context ends, and ends Chromium.
        signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("the browser hangs")))
        signal.alarm(LIMIT)
        self.driver = webdriver.Chrome(service=Driver("/usr/bin/chromedriver"), options=options)
        self.size(1280, 900)
        return self

    def __exit__(self, *_):
        signal.alarm(0)
        self.driver.quit()
        self._profile.cleanup()

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def prefer(self, scheme):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def open(self, path):
        self.requests()
        self.driver.get(pathlib.Path(path).resolve().as_uri())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def complaints(self):
        """What is in the console since the last look."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """What was asked for since the last look, by address."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [message["params"]["request"]["url"] for message in messages
                if message["method"] == "Network.requestWillBeSent"]

    def sums(self):
        """{name: number} at the top of the page; None for what is not a number."""
        return {name: number(text) for name, text in self.run(
            "return [...document.querySelectorAll('[data-sum]')].map((e) => [e.dataset.sum, e.textContent])")}

    def table(self, place):
        """{row: {column: [numbers]}}: a column that is there twice has two."""
        table = {}
        for row, column, text in self.run("""
                return [...document.querySelectorAll(`#${arguments[0]} td[data-column]`)].map((cell) =>
                    [cell.parentNode.dataset.row, cell.dataset.column, cell.textContent])""", place):
            table.setdefault(row, {}).setdefault(column, []).append(number(text))
        return table

    def waited(self):
        """{"raised p50": ns, ...} of the latency that is shown, None where there is none."""
        return self.run("""
            return Object.fromEntries([...document.querySelectorAll("#latency td[data-column]")].map((cell) =>
                [`${cell.parentNode.dataset.row} ${cell.dataset.column}`, Number(cell.dataset.exact)]))""")

    def choose(self, what, value):
        Select(self.find(f"#{what}")).select_by_value("" if value is None else str(value))


def number(text):
    try:
        return int(text.replace(",", ""))
    except ValueError:
        return None


class Truth:
    """What the page should show, from a summary of `stat -j`."""

    def __init__(self, summary):
        self.cpus = summary["cpus"]
        self.traffic = summary["traffic"]
        self.missed = summary["missed"]
        self.vipis = list(next(iter(self.cpus.values()))["vipis"])

    def margins(self, cpu, vipi):
        for name, margin in self.cpus.items():
            if cpu is None or str(cpu) == name:
                yield margin if vipi is None else margin["vipis"][vipi]

    def sums(self, cpu=None, vipi=None):
        def total(of):
            return sum(of(margin) for margin in self.margins(cpu, vipi))

        def processes(what):
            return total(lambda margin: margin[what]) if vipi is None else None

        return {
            "sent": total(lambda m: sum(m["sent"].values())),
            "raised": total(lambda m: m["sent"]["raised"]),
            "coalesced": total(lambda m: m["sent"]["coalesced"] + m["sent"]["coalesced_while_masked"]),
            "masked": total(lambda m: m["sent"]["masked"] + m["sent"]["coalesced_while_masked"]),
            "received": total(lambda m: sum(m["received"].values())),
            "handled": total(lambda m: m["handled"]),
            "unmask": total(lambda m: m["unmasks"]),
            "kick": total(lambda m: m["kicks"]),
            "process": processes("processes"),
            "empty": processes("empty"),
            "missed": self.missed,
        }

    def pair(self, sender, target, vipi=None):
        """[sent, raised, masked] of a pair"""
        rows = [row[3:] for row in self.traffic
                if row[0] == sender and row[1] == target and vipi in (None, row[2])]
        return [sum(map(sum, rows)), sum(row[0] for row in rows), sum(row[2] + row[3] for row in rows)]

    def pairs(self, vipi=None):
        return {(row[0], row[1]) for row in self.traffic if vipi in (None, row[2])}


def check_sums(browser, truth, cpu, vipi, how):
    shown, expected = browser.sums(), truth.sums(cpu, vipi)
    wrong = [f"{name}: {shown.get(name)}, not {value}" for name, value in expected.items()
             if name not in shown or shown[name] != value]
    ok(not wrong, f"{how}: the sums are those of stat", *wrong)


def check_filters(browser, truth, cpu):
    """@cpu is clicked, then a vIPI chosen, and all follows."""
    vipi = max(truth.vipis, key=lambda name: sum(truth.cpus[str(cpu)]["vipis"][name]["sent"].values()))
    check_sums(browser, truth, None, None, "all")
    rows = browser.table("cpus")
    wrong = [name for name in truth.cpus for column, key in [("sent", "sent"), ("raised", "raised"), (
        "handled", "handled"), ("process", "process"), ("empty", "empty"), ("masked", "masked"), (
        "unmask", "unmask"), ("kick", "kick")] if rows[name][column] != [truth.sums(int(name))[key]]]
    ok(not wrong and len(rows) == len(truth.cpus) + 1, "a row for each CPU, with its numbers", wrong)
    rows = browser.table("vipis")
    wrong = [name for name in truth.vipis for key in ("sent", "raised", "handled", "masked")
             if rows[name][key] != [truth.sums(None, name)[key]]]
    ok(not wrong, "a row for each vIPI, with its numbers", wrong)

    browser.find(f"#bars [data-key='bar-sent-{cpu}']").click()
    check_sums(browser, truth, cpu, None, f"a click on CPU {cpu}")
    check_peers(browser, truth, cpu, None)
    browser.choose("vipi", truth.vipis.index(vipi))
    check_sums(browser, truth, cpu, vipi, f"CPU {cpu} and {vipi}")
    check_peers(browser, truth, cpu, vipi)
    browser.choose("cpu", None)
    check_sums(browser, truth, None, vipi, vipi)
    ok(len(cells(browser)) == len(truth.pairs(vipi)), f"{vipi}: a cell for each pair that used it")
    browser.find("#clear").click()
    check_sums(browser, truth, None, None, "all again")


def check_peers(browser, truth, cpu, vipi):
    rows = browser.table("cpus")
    wrong = []
    for peer in sorted({int(name) for name in rows if name != "total"}):
        to, back = truth.pair(cpu, peer, vipi), truth.pair(peer, cpu, vipi)
        row = rows[str(peer)]
        if [row["sent"], row["raised"], row["masked"]] != [list(each) for each in zip(to, back)]:
            wrong.append(f"{cpu} and {peer}: {row}, not {to} and {back}")
    expected = truth.sums(cpu, vipi)
    if rows["total"]["sent"] != [expected["sent"], expected["received"]]:
        wrong.append(f"total: {rows['total']}")
    ok(not wrong, f"CPU {cpu}, {vipi or 'all vIPIs'}: what it sent to each CPU, and was sent", *wrong)


def cells(browser):
    return {tuple(map(int, pair.split("-"))): int(sent) for pair, sent in browser.run(
        "return [...document.querySelectorAll('#matrix .cell')].map((e) => [e.dataset.pair, e.dataset.sent])")}


def check_drawings(browser, truth):
    shown = cells(browser)
    wrong = [pair for pair in truth.pairs() if shown.get(pair) != truth.pair(*pair)[0]]
    ok(not wrong and len(shown) == len(truth.pairs()), "the matrix: a cell for each pair, with its sends", wrong)
    check_bars(browser, truth)
    check_steps(browser)


def proportional(shown, expected, tolerance):
    """Are the two the same, except for their unit?"""
    return len(shown) == len(expected) and max(expected) > 0 and all(
        abs(a / max(shown) - b / max(expected)) <= tolerance for a, b in zip(shown, expected))


def check_bars(browser, truth):
    for place, key in (("bar-sent", "sent"), ("bar-received", "received")):
        heights = browser.run("""
            return [...document.querySelectorAll(`#bars [data-key^=${arguments[0]}-]`)].map((column) =>
                [...column.querySelectorAll("rect:not(.hit)")].reduce((sum, part) =>
                    sum + part.getBoundingClientRect().height, 0))""", place)
        sends = [truth.sums(int(cpu))[key] for cpu in truth.cpus]
        ok(proportional(heights, sends, .01), f"{place}: each CPU's column is as high as its sends", heights, sends)


def check_steps(browser):
    """The line of what was handled goes where the rates of the points are."""
    block = json.loads(browser.run("return document.getElementById('data').textContent"))
    times = block["run"]["times"]
    rates = [0] * len(times)
    for _, _, quantity, counts in block["series"]:
        for i, each in enumerate(counts):
            rates[i] += each / times[i] if quantity == 8 else 0
    path, bottom = browser.run("""
        return [document.querySelector("#rates path.handled").getAttribute("d"),
            document.querySelector("#rates .axis").y1.baseVal.value - .5]""")
    heights = [bottom - float(y) for y in re.findall(r"V([0-9.]+)", path)]
    ok(proportional(heights, rates, .01), "over time: each step is as high as its rate", heights, rates)


def check_points(browser, truth):
    """What a person reads off the points over time is what the run's points hold, and those add up."""
    block = json.loads(browser.run("return document.getElementById('data').textContent"))
    times = block["run"]["times"]
    points = [[0] * len(times) for _ in range(9)]
    for _, _, quantity, counts in block["series"]:
        for i, each in enumerate(counts):
            points[quantity][i] += each
    expected = truth.sums()
    ok(sum(map(sum, points[:4])) == expected["sent"] and sum(points[8]) == expected["handled"],
       "the points add up to the run")
    browser.find("[data-key=rates-sent]").send_keys(Keys.END)
    text = browser.find("#rates .readout").text
    rate = points[0][-1] * 1e9 / times[-1]
    ok(f"raised {f'{rate:.1f}' if rate < 1000 else f'{int(rate + .5):,}'}/s" in text,
       "keys read the last point", text, rate)
    return block["run"]


def check_keyboard(browser, truth):
    """From the top by the tab key to the bars, along them, and one chosen; then out of it again."""
    cpus = [int(name) for name in truth.cpus]
    browser.run("document.activeElement.blur(); scrollTo(0, 0)")
    keys = browser.driver.switch_to.active_element
    for _ in range(20):
        keys.send_keys(Keys.TAB)
        keys = browser.driver.switch_to.active_element
        if keys.get_attribute("data-cpu") == str(cpus[0]):
            break
    ok(keys.get_attribute("data-key") == f"bar-sent-{cpus[0]}", "the tab key comes to the bars")
    keys.send_keys(Keys.ARROW_RIGHT)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    check_sums(browser, truth, cpus[1], None, f"CPU {cpus[1]} by keyboard")
    focus = browser.driver.switch_to.active_element
    ok(focus.get_attribute("data-key") == f"bar-sent-{cpus[1]}", "the focus stays where it was")
    focus.send_keys(" ")
    check_sums(browser, truth, None, None, "chosen again, all by keyboard")
    browser.find("[data-key=matrix]").send_keys(Keys.ARROW_RIGHT)
    sent = truth.pair(cpus[0], cpus[1])[0]
    ok(f"CPU {cpus[0]} to CPU {cpus[1]}: sent {sent:,} =" in browser.find("#matrix .readout").text,
       "keys read the matrix", browser.find("#matrix .readout").text)


CONTRAST = """
    const channels = (colour) => {
        const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data];
    };
    const light = (colour) => channels(colour).slice(0, 3).map((value) => value / 255)
        .map((value) => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4)
        .reduce((total, value, i) => total + value * [.2126, .7152, .0722][i], 0);
    const behind = (node) => {
        for (; node; node = node.parentElement)
            if (channels(getComputedStyle(node).backgroundColor)[3] === 255)
                return getComputedStyle(node).backgroundColor;
        return "white";
    };
    const worst = {};
    for (const node of document.querySelectorAll("body *")) {
        const drawn = node.namespaceURI.endsWith("svg");
        if (!node.getClientRects().length || (drawn ? node.localName !== "text" :
            ![...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim())))
            continue;
        const [a, b] = [light(getComputedStyle(node)[drawn ? "fill" : "color"]), light(behind(node))];
        const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        const name = `${node.localName}.${node.getAttribute("class")}`;
        worst[name] = Math.min(worst[name] ?? 99, contrast);
    }
    return worst;"""


def check_colours(browser):
    """Light and dark follow the system, the switch overrules it, and all text can be read in both."""
    def page():
        return browser.run("return getComputedStyle(document.body).backgroundColor")

    browser.prefer("light")
    light = page()
    browser.prefer("dark")
    dark = page()
    ok(light != dark, "light and dark follow the system", light, dark)
    for scheme, colour in (("light", light), ("dark", dark)):
        browser.find(f"#theme [value={scheme}]").click()
        for system in ("light", "dark"):
            browser.prefer(system)
            ok(page() == colour, f"the switch: {scheme} in a {system} system", page())
        worst = browser.run(CONTRAST)
        ok(len(worst) > 10 and min(worst.values()) >= 4.5, f"{scheme}: text stands out from what is behind it",
           {name: value for name, value in worst.items() if value < 4.5} or worst)
    browser.find("#theme [value=auto]").click()
    browser.prefer("light")
    ok(page() == light, "the switch: back to the system's")


def check_width(browser):
    for width in (1280, 1024, 500):
        browser.size(width, 900)
        browser.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wide = browser.run("return document.documentElement.scrollWidth")
        ok(wide <= width, f"{width} pixels: no scrolling to the right", wide)
    browser.size(1280, 900)


def check_alone(browser, path):
    """It asked for nothing but itself, and could not if it wanted to."""
    asked = [address for address in browser.requests() if not address.startswith("data:")]
    ok(asked == [pathlib.Path(path).resolve().as_uri()], "no request except for the page", *asked)
    complaints = browser.complaints()
    ok(not complaints, "nothing in the console", *complaints)
    stopped = browser.driver.execute_async_script("""
        const done = arguments[0], stopped = [];
        document.addEventListener("securitypolicyviolation", (event) => {
            stopped.push(event.effectiveDirective);
            if (stopped.length === 3)
                done(stopped.sort());
        });
        setTimeout(() => done(stopped), 3000);
        document.body.append(Object.assign(new Image(), { src: "http://127.0.0.1:9/image" }));
        fetch("http://127.0.0.1:9/fetch").catch(() => {});
        document.body.append(Object.assign(document.createElement("script"), { textContent: "alert(3)" }));""")
    ok(stopped == ["connect-src", "img-src", "script-src-elem"], "the policy stops images, requests and scripts",
       stopped)
    ok(len(browser.complaints()) >= 3, "and that is seen in the console")
