"""Put on the path of a server, this makes every run of every page and fragment take 3 s longer."""

import os
import time

if os.environ.get("RINGFENCE_TEST_SLOW_RUNS"):
    from streamlit.runtime.scriptrunner.script_runner import ScriptRunner

    run_script = ScriptRunner._run_script

    def run_slowly(self: ScriptRunner, *arguments: object) -> None:
        time.sleep(3)
        run_script(self, *arguments)  # type: ignore[arg-type]

    ScriptRunner._run_script = run_slowly  # type: ignore[method-assign, assignment]
