package dev.atomic.api.problem;

import dev.atomic.shared.problem.ProblemCode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.coyote.BadRequestException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/// The one place where an exception becomes an answer: a problem with a stable code, never a stack
/// trace.
@RestControllerAdvice
public final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    @ExceptionHandler
    ResponseEntity<Problem> refused(ProblemException refusal) {
        if (refusal.status() >= 500) {
            LOG.warn("answered {} {}: {}", refusal.status(), refusal.code(), refusal.detail());
        } else {
            LOG.debug("refused with {} {}", refusal.status(), refusal.code());
        }
        return answer(refusal, new HttpHeaders());
    }

    @ExceptionHandler({NoResourceFoundException.class, NoHandlerFoundException.class})
    ResponseEntity<Problem> unknownRoute(HttpServletRequest request) {
        String detail =
                request.getMethod() + " " + request.getRequestURI() + " isn't a route here.";
        return refused(new ProblemException(ProblemCode.NOT_FOUND, detail));
    }

    @ExceptionHandler
    ResponseEntity<Problem> wrongMethod(HttpRequestMethodNotSupportedException wrong) {
        HttpHeaders headers = new HttpHeaders();
        Set<HttpMethod> allowed = wrong.getSupportedHttpMethods();
        if (allowed != null) {
            headers.setAllow(allowed);
        }
        String detail =
                wrong.getMethod()
                        + " isn't possible here; "
                        + (allowed == null ? "nothing is" : names(allowed) + " is")
                        + ".";
        return answer(new ProblemException(ProblemCode.METHOD_NOT_ALLOWED, detail), headers);
    }

    @ExceptionHandler
    ResponseEntity<Problem> wrongMediaType(HttpMediaTypeNotSupportedException wrong) {
        HttpHeaders headers = new HttpHeaders();
        headers.setAccept(wrong.getSupportedMediaTypes());
        String detail = "The body must be application/json, and Content-Type must say so.";
        return answer(new ProblemException(ProblemCode.UNSUPPORTED_MEDIA_TYPE, detail), headers);
    }

    @ExceptionHandler
    ResponseEntity<Problem> notAcceptable(HttpMediaTypeNotAcceptableException wrong) {
        String offered =
                wrong.getSupportedMediaTypes().stream()
                        .map(MediaType::toString)
                        .collect(Collectors.joining(", "));
        String detail = "Accept allows none of the formats there are: " + offered + ".";
        return refused(new ProblemException(ProblemCode.NOT_ACCEPTABLE, detail));
    }

    @ExceptionHandler
    ResponseEntity<Problem> unreadable(HttpMessageNotReadableException unreadable) {
        LOG.debug("unreadable body: {}", unreadable.getMessage());
        return refused(new ProblemException(ProblemCode.MALFORMED_JSON, "The body is not JSON."));
    }

    /// The client is gone, so there is no one to answer.
    @ExceptionHandler({AsyncRequestNotUsableException.class})
    void gone(IOException gone) {
        LOG.debug("the client went away: {}", gone.getMessage());
    }

    @ExceptionHandler
    @Nullable ResponseEntity<Problem> anythingElse(Exception failure) {
        if (failure instanceof BadRequestException) {
            // The client went away, or its body can't be read, which ErrorPage tells it.
            LOG.debug("the connection can't be used any more: {}", failure.getMessage());
            return null;
        }
        if (DatabaseAway.isCauseOf(failure)) {
            LOG.warn(
                    "answered 503, the database is away: {}",
                    NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
            return answer(DatabaseAway.problem(), new HttpHeaders());
        }
        if (failure instanceof ErrorResponse known && known.getStatusCode().is4xxClientError()) {
            LOG.info("refused because of a {}", failure.getClass().getName());
            return refused(Problem.ofStatus(known.getStatusCode().value()));
        }
        LOG.error("answered 500 because of a bug", failure);
        return answer(Problem.internal(), new HttpHeaders());
    }

    private static ResponseEntity<Problem> answer(ProblemException refusal, HttpHeaders headers) {
        headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        headers.setCacheControl("no-store");
        refusal.headers().forEach(headers::set);
        return new ResponseEntity<>(Problem.of(refusal), headers, refusal.status());
    }

    private static String names(Set<HttpMethod> methods) {
        List<String> names = methods.stream().map(HttpMethod::name).sorted().toList();
        return String.join(", ", names).toUpperCase(Locale.ROOT);
    }
}
