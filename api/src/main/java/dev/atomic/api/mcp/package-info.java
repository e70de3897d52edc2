/// A Model Context Protocol server at `/mcp`: the sandbox and the pipeline as tools of a coding
/// agent.
@NullMarked
package dev.atomic.api.mcp;

import org.jspecify.annotations.NullMarked;
