"""Start a Chromium with a made-up camera and microphone, which reaches this machine alone."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
OFF = (
    "WebRtcHideLocalIpsWithMdns",
    "OptimizationHints",
    "MediaRouter",
    "Translate",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "InterestFeedContentSuggestions",
    # the empty page of a test is made up, so its socket to this machine looks like one from afar
    "LocalNetworkAccessChecks",
    "LocalNetworkAccessChecksWebSockets",
)
FLAGS = (
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    # without it WebRTC offers no loopback address, and the tests would need a network
    "--allow-loopback-in-peer-connection",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-gpu",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
    f"--disable-features={','.join(OFF)}",
)


def installed() -> str | None:
    """Return where Chromium is; None if this machine has none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@asynccontextmanager
async def chromium(*flags: str) -> AsyncIterator[Browser]:
    """Run a browser with these flags besides."""
    path = installed()
    assert path, "these tests need Chromium on the PATH"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=Path(path), headless=True, args=[*FLAGS, *flags]
        )
        try:
            yield browser
        finally:
            await browser.close()
