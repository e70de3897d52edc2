package dev.atomic.worker.sandbox.engine;

/// Which engine the containers are on, and what they are made of.
///
/// @param host as in `DOCKER_HOST`; empty for the default socket
/// @param image name or id
/// @param runtime empty for the engine's default
public record EngineSettings(String host, String image, String runtime) {}
