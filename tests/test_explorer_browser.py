"""The verkenner in a real browser: JupyterLab, driven as a researcher would.

Screenshots go to the folder that ``SWT_SCREENSHOTS`` names, or to a temporary one.
Without Chromium the test is skipped, but not where ``CI`` is set.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
WAIT = int(
    os.environ.get("SWT_BROWSER_WAIT", "180")
)  # seconds; far more than needed, on a machine that does other things too
STRICT = os.environ.get("CI", "").lower() in ("1", "true")
# What JupyterLab itself says on its console, in an empty notebook too.
OF_JUPYTERLAB: tuple[str, ...] = ()
QUIET = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic"),
    *("--no-first-run", "--disable-background-networking", "--disable-sync"),
    *("--disable-component-update", "--disable-dev-shm-usage", "--mute-audio"),
    "--force-device-scale-factor=1",
)
CONTROLS = ["Jaar", "Onderwerp", "Weergave", "Onderdeel", "Welke", "Wie", "Team"]
BUTTONS = [
    *("Figuur als PNG", "Figuur als SVG", "Tabel als XLSX", "Tabel als CSV"),
    "Maak notebook",
]
# Counts the frames in which the figure or the table is not there.
WATCH = """
window.swtBare = 0; window.swtFrames = 0;
const look = () => {
  window.swtFrames += 1;
  if (!document.querySelector('.swt-figure svg text') ||
      !document.querySelector('.swt-table tbody tr')) window.swtBare += 1;
  window.swtWatch = requestAnimationFrame(look);
};
look();
"""


def test_a_browser_is_there_where_it_must_be():
    missing = [
        name
        for name, found in (("chromium", CHROMIUM), ("chromedriver", DRIVER))
        if not found
    ]
    if missing and STRICT:
        pytest.fail(f"CI is set and there is no {' and no '.join(missing)}.")
    if missing:
        pytest.skip(
            f"no {' and no '.join(missing)} here: the verkenner is not tried in a "
            "browser. On Debian: apt-get install chromium chromium-driver."
        )


needs_browser = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no chromium or no chromedriver on this computer"
)


@pytest.fixture(scope="module")
def shots(tmp_path_factory):
    named = os.environ.get("SWT_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start ``swt lab`` on a copy of the project; give the project and the address."""
    home = tmp_path_factory.mktemp("lab")
    project = home / "project"
    shutil.copytree(ROOT / "data" / "raw", project / "data" / "raw")
    (project / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "verkenner.ipynb", project / "notebooks")
    settings = home / "config"
    (settings / "labconfig").mkdir(parents=True)
    (settings / "labconfig" / "page_config.json").write_text(
        '{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true},'
        ' "buildCheck": false}',
        "utf-8",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    surroundings = {
        **{k: v for k, v in os.environ.items() if not k.startswith("SWT_")},
        "SWT_PROJECT": str(project),
        "SWT_KEY_FILE": str(home / "key"),
        "JUPYTER_CONFIG_DIR": str(settings),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "IPYTHONDIR": str(home / "ipython"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "PYTHONPATH": str(ROOT),
    }
    command = [
        *(sys.executable, "-m", "swtlib", "lab", "--no-browser"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
        *("--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"),
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.shutdown_no_activity_timeout=600",  # should this test be killed
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]
    log = (home / "lab.log").open("w", encoding="utf-8")
    server = subprocess.Popen(
        command,
        cwd=project,
        env=surroundings,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until(
            lambda: answers(f"{address}/api/status?token={token}"),
            lambda: (home / "lab.log").read_text("utf-8")[-2000:],
        )
        place = "lab/tree/notebooks/verkenner.ipynb"
        yield project, f"{address}/{place}?token={token}"
    finally:
        stop(server, address, token)
        log.close()


@pytest.fixture(scope="module")
def browser(lab, shots, tmp_path_factory):
    """Give a browser in which the verkenner has been opened and run."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tmp_path_factory.mktemp("chromium")
    for flag in (*QUIET, f"--user-data-dir={folder}", "--window-size=1400,1000"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.get(lab[1])
        try:
            run_all_cells(driver)
            wait_for(driver, "De acht bakens, alle teams samen (2015)")
        except Exception:
            driver.save_screenshot(str(shots / "niet_gestart.png"))
            raise
        yield driver
    finally:
        driver.quit()


def answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def stop(server, address, token):
    """Ask JupyterLab to stop with its kernels, and see that it did."""
    ask = urllib.request.Request(
        f"{address}/api/shutdown", method="POST", headers={"Authorization": token}
    )
    ask.headers["Authorization"] = f"token {token}"
    try:
        urllib.request.urlopen(ask, timeout=10).close()
    except OSError:
        server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def until(found, told=lambda: ""):
    """Wait until something is found; if it never is, say where things stood."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"waited {WAIT} s in vain. {told()}")


def script(driver, text, *given):
    return driver.execute_script(text, *given)


def run_all_cells(driver):
    """Choose Run > Run All Cells, when the notebook and its kernel are there."""
    from selenium.webdriver.common.by import By

    until(lambda: driver.find_elements(By.CSS_SELECTOR, ".jp-Notebook .jp-CodeCell"))
    until(
        lambda: (
            "| Idle"
            in script(
                driver,
                "const bar = document.querySelector('#jp-main-statusbar');"
                "return bar ? bar.textContent : ''",
            )
        ),
        lambda: "the kernel was not idle",
    )
    bar = driver.find_elements(By.CSS_SELECTOR, ".lm-MenuBar-item")
    next(item for item in bar if item.text == "Run").click()
    entry = "//*[contains(@class, 'lm-Menu-itemLabel')][text()='Run All Cells']"
    until(lambda: driver.find_elements(By.XPATH, entry))[0].click()


def caption(driver):
    return script(
        driver,
        "const c = document.querySelector('.swt-table caption');"
        "return c ? c.textContent : ''",
    )


def drawn(driver):
    return script(
        driver,
        "const t = document.querySelector('.swt-figure svg title');"
        "return t ? t.textContent : ''",
    )


def wait_for(driver, title):
    """Wait until table and figure are those of a title."""
    until(
        lambda: caption(driver) == title and drawn(driver) == title,
        lambda: f"table '{caption(driver)}', figure '{drawn(driver)}'; {said(driver)}",
    )


def said(driver):
    return script(
        driver,
        "const s = document.querySelector('.swt-status');return s ? s.textContent : ''",
    )


def control(driver, label):
    """Find a control by what its label says, as a screen reader does."""
    from selenium.webdriver.common.by import By

    found = [
        each
        for each in driver.find_elements(By.CSS_SELECTOR, ".swt-verkenner label")
        if each.text == label
    ]
    return driver.find_element(By.ID, found[0].get_attribute("for"))


def choose(driver, label, text):
    """Choose an option once it is offered: what is offered depends on the rest."""
    from selenium.webdriver.support.ui import Select

    until(
        lambda: text in offered(driver, label),
        lambda: f"'{label}' does not offer '{text}'. {said(driver)}",
    )
    Select(control(driver, label)).select_by_visible_text(text)


def press(driver, text):
    from selenium.webdriver.common.by import By

    path = f"//*[contains(@class, 'swt-verkenner')]//button[text()='{text}']"
    button = driver.find_element(By.XPATH, path)
    script(driver, "arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def shoot(driver, shots, name, width):
    """Keep a picture of the notebook, as high as what is to be seen."""
    driver.set_window_size(width, 1000)
    time.sleep(0.5)  # JupyterLab lays itself out again
    script(
        driver,
        "document.querySelector('.swt-verkenner').scrollIntoView({block: 'start'})",
    )
    driver.save_screenshot(str(shots / f"{name}_{width}.png"))


def complaints(driver):
    return [
        entry["message"]
        for entry in driver.get_log("browser")
        if entry["level"] == "SEVERE"
        and not any(known in entry["message"] for known in OF_JUPYTERLAB)
    ]


@needs_browser
def test_choose_change_and_export_in_a_browser(lab, browser, shots):
    project, _ = lab
    shoot(browser, shots, "eerste_weergave", 1400)
    shoot(browser, shots, "eerste_weergave", 900)
    browser.set_window_size(1400, 1000)
    script(browser, WATCH)
    choose(browser, "Team", "Elburg")
    wait_for(browser, "De acht bakens, Elburg naast de andere teams (2015)")
    choose(browser, "Jaar", "2016 (simulatie)")
    wait_for(browser, "De acht bakens, Elburg naast de andere teams (2016)")
    choose(browser, "Weergave", "Veranderd sinds een eerder jaar")
    wait_for(browser, "De acht bakens, Elburg naast de andere teams (2015 en 2016)")
    shoot(browser, shots, "verandering", 1400)
    choose(browser, "Onderwerp", "Transitie- en transformatiecompetenties")
    choose(browser, "Weergave", "Cijfer nu en gewenst")
    title = "Competenties: het cijfer nu en het gewenste cijfer, Elburg (2016)"
    wait_for(browser, title)
    shoot(browser, shots, "nu_en_gewenst", 1400)
    choose(browser, "Onderwerp", "Bakens Welzijn Nieuwe Stijl")
    choose(browser, "Weergave", "Gemiddelden")
    wait_for(browser, "De acht bakens, Elburg naast de andere teams (2016)")
    choose(browser, "Wie", "Naar werkervaring")
    wait_for(browser, "De acht bakens naar werkervaring (2016)")
    shoot(browser, shots, "ervaring", 1400)
    shoot(browser, shots, "ervaring", 900)
    browser.set_window_size(1400, 1000)
    frames, bare = script(
        browser,
        "cancelAnimationFrame(window.swtWatch);"
        "return [window.swtFrames, window.swtBare]",
    )
    assert frames > 20
    assert bare == 0  # nothing flickers: there is a table and a figure in each frame

    name = "bakens_gemiddelden_ervaring_2016"
    kept = project / "outputs" / "2016" / "verkenner"
    for text, path in zip(
        BUTTONS,
        (
            *(kept / f"{name}.{kind}" for kind in ("png", "svg", "xlsx", "csv")),
            project / "verkenningen" / f"{name}.ipynb",
        ),
        strict=True,
    ):
        press(browser, text)
        place = path.relative_to(project).as_posix()
        until(lambda told=f"Bewaard: {place}": said(browser) == told)
        assert path.stat().st_size > 500
    shoot(browser, shots, "bewaard", 1400)
    assert complaints(browser) == []


@needs_browser
def test_a_team_that_is_too_small_is_not_offered_and_why_is_said(browser):
    choose(browser, "Wie", "Alle teams samen, of één team")
    wait_for(browser, "De acht bakens, alle teams samen (2016)")
    teams = offered(browser, "Team")
    assert "Elburg" in teams
    assert "Wezep/Oldebroek" not in teams
    text = script(browser, "return document.querySelector('.swt-verkenner').innerText")
    assert "Niet te kiezen: Wezep/Oldebroek (minder dan 5 antwoorden)" in text


def offered(driver, label):
    """List what a control offers, in one step: it may just be renewed."""
    return script(
        driver,
        "return [...arguments[0].options].map(o => o.text.replaceAll('\\u00a0', ' '))",
        control(driver, label),
    )


@needs_browser
def test_the_keyboard_is_enough(browser):
    from selenium.webdriver.common.keys import Keys

    first = control(browser, CONTROLS[0])
    script(browser, "arguments[0].focus()", first)
    order = []
    for _ in range(len(CONTROLS) + len(BUTTONS)):
        order.append(name_of_focus(browser))
        browser.switch_to.active_element.send_keys(Keys.TAB)
    assert order == [*CONTROLS, *BUTTONS]
    who = control(browser, "Wie")
    cells = "return document.querySelectorAll('.jp-Cell').length"
    before = script(browser, cells)
    who.send_keys("x")  # for JupyterLab: cut this cell
    who.send_keys("a")  # for JupyterLab: a new one above it
    assert script(browser, cells) == before
    who.send_keys(Keys.ARROW_DOWN)
    wait_for(browser, "De acht bakens per team (2016)")
    assert name_of_focus(browser) == "Wie"  # a change does not take the focus away
    who.send_keys(Keys.ARROW_UP)
    wait_for(browser, "De acht bakens, alle teams samen (2016)")
    assert complaints(browser) == []


def name_of_focus(driver):
    return script(
        driver,
        "const at = document.activeElement;"
        "return at.labels && at.labels.length ? at.labels[0].textContent : "
        "at.textContent",
    )


@needs_browser
def test_figure_and_table_say_to_all_what_they_are(browser):
    svg = "document.querySelector('.swt-figure svg')"
    assert script(browser, f"return {svg}.getAttribute('role')") == "img"
    told = script(browser, f"return {svg}.querySelector('desc').textContent")
    assert told.startswith("De acht bakens, alle teams samen (2016).")
    heads = script(
        browser,
        "return [...document.querySelectorAll('.swt-table th')]"
        ".every(th => ['row', 'col'].includes(th.scope))",
    )
    assert heads
