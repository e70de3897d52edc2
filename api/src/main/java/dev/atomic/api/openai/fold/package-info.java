/// Folds a job's event log into OpenAI's response and the events of its stream.
@NullMarked
package dev.atomic.api.openai.fold;

import org.jspecify.annotations.NullMarked;
