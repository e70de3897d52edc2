/// From a claimed job to its outcome: spec, code, verify, docs.
@NullMarked
package dev.atomic.worker.pipeline;

import org.jspecify.annotations.NullMarked;
