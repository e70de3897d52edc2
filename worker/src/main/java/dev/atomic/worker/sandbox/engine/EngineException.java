package dev.atomic.worker.sandbox.engine;

/// The engine can't be reached, refused, or lost a container. Its message is for an operator.
public final class EngineException extends Exception {
    public EngineException(String message) {
        super(message);
    }

    EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
