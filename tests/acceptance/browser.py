"""A headless Chromium, driven as an officer would use it."""

import re
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.acceptance.processes import totp

FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --force-color-profile=srgb"
).split()


class Browser:
    """One visitor with an own profile."""

    def __init__(self, profile, url, *, width=1440, height=1000):
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.set_page_load_timeout(30)
        self.url = url
        self._size = width

    def close(self):
        self.driver.quit()

    def open(self, path):
        self.driver.get(self.url + path)

    def one(self, selector):
        try:
            return WebDriverWait(self.driver, 10).until(lambda driver: driver.find_elements(By.CSS_SELECTOR, selector))[
                0
            ]
        except TimeoutException:
            shown = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"no {selector} at {self.driver.current_url}:\n{shown}") from None

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self):
        return self.one("body").text

    def fill(self, **fields):
        for name, value in fields.items():
            field = self.one(f"[name={name}]")
            field.clear()
            field.send_keys(value)

    def press(self, element):
        """Click, and wait until the page it leads to is there."""
        before = self.one("html")
        element.click()
        WebDriverWait(self.driver, 15).until(lambda _: _gone(before))
        WebDriverWait(self.driver, 15).until(
            lambda driver: driver.execute_script("return document.readyState") == "complete"
        )

    def submit(self):
        self.press(self.one("main form[method=post] button[type=submit], main form[method=post] button:not([type])"))

    def link(self, words):
        self.press(self.driver.find_element(By.PARTIAL_LINK_TEXT, words))

    def speak(self, language):
        """Choose the language of the console."""
        for button in self.all(f"form[action='/language/'] button[value={language}]")[:1]:
            self.press(button)

    def log_in(self, username, one_time, password):
        """The first login of an officer: own password, authenticator app, recovery codes; the app's secret."""
        self.open("/")
        self.fill(username=username, password=one_time)
        self.submit()
        self.fill(password=password, again=password)
        self.submit()
        secret = re.search(r"\b(?:[A-Z2-7]{4} ?){8}\b", self.text()).group().replace(" ", "")
        self.fill(code=totp(secret))
        self.submit()
        if "/recovery" in self.driver.current_url:
            self.submit()
        return secret

    def log_in_again(self, username, password, secret):
        """Any later login; waits for a code that was not used yet."""
        self.open("/login/")
        self.fill(username=username, password=password)
        self.submit()
        time.sleep(31 - time.time() % 30)
        self.fill(code=totp(secret))
        self.submit()

    def narrow(self, width):
        """A phone's width."""
        self.driver.set_window_size(width, 900)
        self._size = width

    def scheme(self, name):
        """What a visitor sees whose system is ``light`` or ``dark``."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def picture(self, path):
        """The whole page as a PNG."""
        width = self._size
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        size = {"width": width, "height": max(height, 400), "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size | {"height": max(height, 400)})
        self.driver.save_screenshot(str(path))
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _gone(element):
    try:
        element.is_enabled()
    except (StaleElementReferenceException, WebDriverException):
        return True
    return False
