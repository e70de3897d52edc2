"""The first process of a subject: the program under test, served over descriptor 4."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from isolated import subject  # noqa: E402

sys.path.remove(HERE)
subject.main()
