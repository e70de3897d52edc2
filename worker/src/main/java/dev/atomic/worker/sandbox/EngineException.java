package dev.atomic.worker.sandbox;

/// The engine can't be reached, refused, or lost a container. Its message is for an operator.
final class EngineException extends Exception {
    EngineException(String message) {
        super(message);
    }

    EngineException(String message, Throwable cause) {
        super(message, cause);
    }
}
