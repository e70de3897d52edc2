"""The first process of a subject: the program under test, served over descriptors 4 and 5.

With `--later` it is started before the program is there, and waits on descriptor 6 until it is.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from isolated import subject  # noqa: E402

sys.path.remove(HERE)
if sys.argv[1:] == ["--later"]:
    if not os.read(6, 4):
        os._exit(4)
    os.close(6)
    sys.orig_argv.pop()
subject.main()
