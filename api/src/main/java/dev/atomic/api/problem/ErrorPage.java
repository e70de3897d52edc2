package dev.atomic.api.problem;

import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/// Answers what went wrong outside of controllers (a filter threw, `sendError`), in place of Boot's
/// own page.
@Controller
final class ErrorPage implements ErrorController {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorPage.class);

    @RequestMapping("/error")
    void error(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object thrown = request.getAttribute(RequestDispatcher.ERROR_EXCEPTION);
        Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        ProblemWriter.write(request, response, problem(thrown, status));
    }

    private static ProblemException problem(
            @org.jspecify.annotations.Nullable Object thrown,
            @org.jspecify.annotations.Nullable Object status) {
        if (thrown instanceof Throwable failure) {
            if (DatabaseAway.isCauseOf(failure)) {
                LOG.warn("answered 503, the database is away: {}", failure.getMessage());
                return DatabaseAway.problem();
            }
            if (failure instanceof IOException) {
                // Only reading the request does this: an answer that can't be written is past
                // changing.
                LOG.info("refused with 400, the body couldn't be read: {}", failure.toString());
                return new ProblemException(
                        ProblemCode.INVALID_REQUEST,
                        "The body ended early, took too long or doesn't match its Transfer-Encoding.");
            }
            LOG.error("answered 500 because of a bug", failure);
            return Problem.internal();
        }
        LOG.info("refused with {} outside the controllers", status);
        // Without a status somebody asked for this very path.
        return Problem.ofStatus(status instanceof Integer code && code >= 400 ? code : 404);
    }
}
