package dev.atomic.e2e;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/// Tests on H2, with an api and two workers, whose model says what they tell it to. They share one
/// stack, started by the first of them and ended with the tests, and leave it with all its
/// processes ready.
abstract class ScriptedModel {
    static final String CODE = "Here it is.\n\n```python main.py\nprint('hello')\n```\n";

    static ModelServer model;
    static Stack stack;

    final Client client = stack.client();

    /// What an answer may wait for; it is let go when the test ends.
    final CountDownLatch hold = new CountDownLatch(1);

    @BeforeAll
    static void start() throws IOException {
        if (stack == null) {
            model = new ModelServer();
            stack = Stack.start(2, model.settings());
        }
        // A test that failed may have left one stopped: that must not fail those of other classes.
        for (String name : List.of("api", "worker-1", "worker-2")) {
            if (!stack.isAlive(name)) {
                restart(name);
            }
        }
    }

    @BeforeEach
    void askedNothing() {
        model.forget();
    }

    @AfterEach
    void letGo() {
        hold.countDown();
    }

    static void restart(String name) throws IOException {
        stack.start(name);
        stack.awaitReady(name);
    }
}
