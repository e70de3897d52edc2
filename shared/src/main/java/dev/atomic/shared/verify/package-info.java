/// How code is to be proved, and what was found: cases, requests, limits, evidence and verdict.
@NullMarked
package dev.atomic.shared.verify;

import org.jspecify.annotations.NullMarked;
