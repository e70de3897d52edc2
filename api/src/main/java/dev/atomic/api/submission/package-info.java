/// What was found valid and what became of it: the values between request, admission and answer.
@NullMarked
package dev.atomic.api.submission;

import org.jspecify.annotations.NullMarked;
