"""The kernel a batch runs in: this Python, this project, and nothing else.

Imported only where notebooks run, because jupyter_client takes its time.
"""

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import Dict, Unicode

from swtlib.batch.environment import kernel_environment

# Longest path that fits in a Unix socket address (104 on macOS), less "/k-5".
MAX_SOCKET_FOLDER = 95


class BatchKernelManager(AsyncKernelManager):
    """Start the running Python as a kernel, reached by files instead of ports.

    Kernels that start side by side can draw the same TCP port ("Address
    already in use"), and every user of the machine can listen there. Unix
    sockets in a folder that only this user can open have neither problem;
    where they do not exist (Windows) the kernel uses TCP on this machine.

    The kernel is ``sys.executable``, whatever kernel of that name is installed
    for the user, and it starts with an empty IPython profile: start-up files
    of one researcher do not change the results of another.
    """

    folder = Unicode(help="Private folder of this run.").tag(config=True)
    working_folder = Unicode(help="Where the notebook runs.").tag(config=True)
    environment = Dict(help="Variables on top of the current ones.").tag(config=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if os.name == "posix" and len(self.folder) <= MAX_SOCKET_FOLDER:
            self.transport = "ipc"
            self.ip = str(Path(self.folder) / "k")
        self.connection_file = str(Path(self.folder) / "kernel.json")

    @property
    def kernel_spec(self) -> KernelSpec:
        """The kernel of this interpreter; nothing is looked up."""
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
            ],
            display_name="Python 3",
            language="python",
        )

    async def start_kernel(  # type: ignore[override]
        self, **options: Any
    ) -> None:
        """Start the kernel in the project, its own messages kept in a file."""
        environment = kernel_environment(self.folder, self.environment)
        with (Path(self.folder) / "kernel.log").open("wb") as log:
            await super().start_kernel(
                **options,
                cwd=self.working_folder,
                env=environment,
                stdout=log,
                stderr=log,
            )
