/// OpenAI's shapes under `/v1`, for programs written against its SDKs. It only folds the event log
/// and calls admission: a response is a job.
@NullMarked
package dev.atomic.api.openai;

import org.jspecify.annotations.NullMarked;
