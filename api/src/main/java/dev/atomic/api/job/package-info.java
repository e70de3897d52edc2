/// The routes of jobs: submit, wait, read, steer.
@NullMarked
package dev.atomic.api.job;

import org.jspecify.annotations.NullMarked;
